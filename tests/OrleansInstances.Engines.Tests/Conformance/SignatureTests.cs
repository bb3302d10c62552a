using Orleans.Runtime.Placement;
using Orleans.Storage;

namespace OrleansInstances.Engines.Tests.Conformance;

/// <summary>
/// The embedded engine offers exactly what the baseline says, and Orleans offers all of it. To write the baseline anew
/// after the embedded engine has grown, run this on it with OI_WRITE_BASELINE=1, and then on Orleans.
/// </summary>
public sealed class SignatureTests
{
    private const string Embedded = "OrleansInstances.EmbeddedEngine.dll";
    private const string Baseline = "orleans-api.txt";

    /// <summary>Interfaces that our own code implements: an abstract member that the embedded engine lacks would break it on Orleans.</summary>
    private static readonly Type[] Implemented = [typeof(IGrainStorage), typeof(IGrainStorageSerializer), typeof(IPlacementDirector)];

    private static readonly string[] Assemblies = File.Exists(Path.Combine(AppContext.BaseDirectory, Embedded))
        ? [Path.Combine(AppContext.BaseDirectory, Embedded)]
        : Directory.GetFiles(AppContext.BaseDirectory, "Orleans.*.dll");

    private static bool IsEmbedded => Assemblies is [var only] && Path.GetFileName(only) == Embedded;

    [Fact]
    public void What_the_embedded_engine_offers_is_what_Orleans_offers()
    {
        var offered = Assemblies.SelectMany(ApiReader.Read).Distinct().Order(StringComparer.Ordinal).ToArray();
        if (IsEmbedded && Environment.GetEnvironmentVariable("OI_WRITE_BASELINE") == "1")
        {
            File.WriteAllLines(SourceFile(), offered);
        }

        var baseline = File.ReadAllLines(SourceFile());
        Assert.NotEmpty(baseline);
        Expect(nothing: baseline.Except(offered), "the engine lacks");
        if (IsEmbedded)
        {
            Expect(nothing: offered.Except(baseline), "the baseline lacks");
        }
    }

    [Fact]
    public void Interfaces_that_our_code_implements_have_no_other_abstract_members_on_Orleans()
    {
        var names = Implemented.Select(x => $"{x.FullName}: abstract ").ToArray();
        var offered = Assemblies.SelectMany(ApiReader.Read).Where(x => names.Any(y => x.StartsWith(y, StringComparison.Ordinal)));

        Expect(nothing: offered.Except(File.ReadAllLines(SourceFile())), "the baseline lacks");
    }

    private static void Expect(IEnumerable<string> nothing, string what)
    {
        var lines = nothing.ToArray();
        Assert.True(lines.Length == 0, $"What {what}:\n{string.Join('\n', lines)}");
    }

    private static string SourceFile([System.Runtime.CompilerServices.CallerFilePath] string path = "") =>
        Path.Combine(Path.GetDirectoryName(path)!, Baseline);
}
