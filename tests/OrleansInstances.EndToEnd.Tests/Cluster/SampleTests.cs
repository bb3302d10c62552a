using System.Diagnostics;

namespace OrleansInstances.EndToEnd.Tests.Cluster;

/// <summary>The sample: an Orleans application that knows of nothing but the grains' interfaces.</summary>
[Collection(SharedCluster.Name)]
public sealed class SampleTests(SharedCluster shared) : OnSharedCluster(shared)
{
    /// <summary>Beside this project's own output, with no more around it than it asks for.</summary>
    private static readonly string Program = Path.Combine(
        AppContext.BaseDirectory.Replace("OrleansInstances.EndToEnd.Tests", "OrleansInstances.Sample", StringComparison.Ordinal), "OrleansInstances.Sample.dll");

    [NeedsClusterFact]
    public async Task Another_application_starts_an_instance_and_follows_its_output()
    {
        var silo = Cluster.Silos[0];

        var start = new ProcessStartInfo("dotnet", [Program]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["OI_POSTGRES"] = silo.Settings[RunningSilo.Database];
        using var sample = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        string output;
        var errors = sample.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            output = await sample.StandardOutput.ReadToEndAsync(limit.Token);
            await sample.WaitForExitAsync(limit.Token);
        }
        finally
        {
            sample.Kill();
        }

        Assert.True(sample.ExitCode == 0, $"It ended with {sample.ExitCode}:\n{output}{await errors}");
        Assert.StartsWith("Instance ", output, StringComparison.Ordinal);
        Assert.EndsWith(string.Concat(Enumerable.Range(1, 10).Select(number => $"line {number}\n")), output, StringComparison.Ordinal);
        await Eventually.Get("the instance to be gone", () => silo.GetAsync("/api/instances"), instances => instances.AsArray().Count == 0);
    }
}
