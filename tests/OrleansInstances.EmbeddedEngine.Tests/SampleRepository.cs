using System.Diagnostics;
using System.IO.Compression;
using System.Text.RegularExpressions;
using OrleansInstances.Testing;

namespace OrleansInstances.EmbeddedEngine.Tests;

/// <summary>A small repository with the build files of this one, a package feed of its own, and nothing cached.</summary>
internal sealed partial class SampleRepository : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("engine-choice-").FullName;

    private SampleRepository(string feed)
    {
        foreach (var file in Directory.GetFiles(Repository.Root, "Directory.*").Concat(Directory.GetFiles(Path.Combine(Repository.Root, "eng"), "*", SearchOption.AllDirectories)))
        {
            Write(Path.GetRelativePath(Repository.Root, file), File.ReadAllText(file));
        }

        Directory.CreateDirectory(Path.Combine(_root, "feed"));
        Write("NuGet.config", $"""
            <configuration>
              <packageSources><clear /><add key="only" value="{feed}" /></packageSources>
              <auditSources><clear /></auditSources>
              <fallbackPackageFolders><clear /></fallbackPackageFolders>
            </configuration>
            """);
        const string Library = """<Project Sdk="Microsoft.NET.Sdk" />""";
        Write("src/OrleansInstances.EmbeddedEngine/OrleansInstances.EmbeddedEngine.csproj", Library);
        Write("src/OrleansInstances.EmbeddedEngine.Generator/OrleansInstances.EmbeddedEngine.Generator.csproj", Library);
        Write("src/OrleansInstances.EmbeddedEngine/Names.cs", "namespace Orleans { public class A; } namespace Orleans.Hosting { public class B; } namespace Orleans.Runtime { public class C; }");
        Write("src/App/App.csproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><OutputType>Exe</OutputType><UseAppHost>false</UseAppHost><UsesEngine>silo</UsesEngine></PropertyGroup>
            </Project>
            """);
        Write("src/App/Program.cs", "System.Console.WriteLine(\"up\");");
        Write("All.slnx", """<Solution><Project Path="src/App/App.csproj" /></Solution>""");
    }

    /// <summary>What the feed answered; null when it was not asked yet.</summary>
    public string? Answer => File.Exists(AnswerFile) ? File.ReadAllText(AnswerFile) : null;

    private string AnswerFile => Path.Combine(_root, "artifacts/engine.props");

    public bool Exists(string path) => File.Exists(Path.Combine(_root, path));

    public static SampleRepository WithoutOrleans() => new("feed");

    public static SampleRepository WithoutNetwork() => new("https://127.0.0.1:9/index.json");

    public static SampleRepository WithOrleans()
    {
        var repository = new SampleRepository("feed");
        foreach (var id in OrleansPackages())
        {
            repository.WritePackage(id);
        }

        return repository;
    }

    /// <summary>Runs a dotnet command and answers its exit code and what it printed.</summary>
    public async Task<(int Exit, string Output)> DotnetAsync(string arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = _root, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var inherited in start.Environment.Keys.Where(x => x.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            start.Environment.Remove(inherited);
        }

        start.Environment["NUGET_PACKAGES"] = Path.Combine(_root, "packages");
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        start.Environment["UseSharedCompilation"] = "false";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    /// <summary>What the build files reference of Orleans.</summary>
    private static IEnumerable<string> OrleansPackages() =>
        PackageReferences().Matches(File.ReadAllText(Path.Combine(Repository.Root, "eng", "References.targets"))).Select(match => match.Groups[1].Value);

    private void Write(string path, string text)
    {
        var file = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    private void WritePackage(string id)
    {
        using var package = ZipFile.Open(Path.Combine(_root, "feed", $"{id}.10.4.2.nupkg"), ZipArchiveMode.Create);
        using var text = new StreamWriter(package.CreateEntry($"{id}.nuspec").Open());
        text.Write($"<package><metadata><id>{id}</id><version>10.4.2</version><authors>x</authors><description>x</description></metadata></package>");
    }

    [GeneratedRegex("PackageReference Include=\"(Microsoft.Orleans[^\"]*)\"")]
    private static partial Regex PackageReferences();
}
