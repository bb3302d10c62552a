using System.Diagnostics;
using System.Runtime.InteropServices;

namespace OrleansInstances.Nodes.Processes;

/// <summary>The keeper's program, which lies beside the silo's own assemblies.</summary>
internal static class KeeperProgram
{
    private const string Name = "OrleansInstances.Keeper";

    /// <summary>A keeper ends with this code when another one has the data folder.</summary>
    public const int ExitCodeOfSecond = 3;

    /// <exception cref="FileNotFoundException">The program isn't there.</exception>
    public static void RequireFiles() => FindProgram();

    /// <summary>Starts a keeper on a data folder, with an environment of its own; it leaves the silo's session by itself.</summary>
    /// <exception cref="FileNotFoundException">The program isn't there.</exception>
    public static Process Start(string dataFolder)
    {
        var start = FindProgram();
        start.ArgumentList.Add("--data");
        start.ArgumentList.Add(dataFolder);
        start.WorkingDirectory = "/";

        // The runtime keeps duplicates of the three that it is given: with the silo's own, whoever waits for the end of the
        // silo's output would wait for the keeper.
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        start.Environment["LANG"] = "C.UTF-8";
        start.Environment["DOTNET_ROOT"] = DotnetRoot;
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        return Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start.");
    }

    /// <summary>The runtime that runs the silo is the one that the keeper was built for; it may lie where the keeper would not look.</summary>
    private static string DotnetRoot => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));

    private static ProcessStartInfo FindProgram()
    {
        var program = Path.Combine(AppContext.BaseDirectory, Name);
        if (File.Exists(program))
        {
            return new ProcessStartInfo(program);
        }

        var assembly = program + ".dll";
        return File.Exists(assembly)
            ? new ProcessStartInfo(Path.Combine(DotnetRoot, "dotnet"), [assembly])
            : throw new FileNotFoundException($"Neither {program} nor {assembly} exists: the keeper's program must lie beside the silo's.", assembly);
    }
}
