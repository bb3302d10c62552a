using System.Diagnostics;
using OrleansInstances.Testing;

namespace OrleansInstances.EndToEnd.Tests.Cluster;

/// <summary>A script of <c>./dev</c> that starts silos, on what is built here.</summary>
internal static class ClusterScript
{
    /// <summary>Of tests that run one. Two at a time could choose the same ports, and would starve the rest.</summary>
    public const string Collection = "scripts";

    /// <summary>It has all that the scripts run, on either engine.</summary>
    private static readonly string Build =
        AppContext.BaseDirectory.Replace("OrleansInstances.EndToEnd.Tests", "OrleansInstances.Simulation", StringComparison.Ordinal).TrimEnd('/');

    /// <summary>Starts it; it is asked to end when ten minutes have passed.</summary>
    public static Process Start(string script, string argument, params (string Name, string Value)[] settings)
    {
        var start = new ProcessStartInfo("timeout", ["600", "sh", Path.Combine(Repository.Root, "eng", script), Build, argument])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    /// <summary>Waits for its end.</summary>
    public static async Task<(int Code, string Output, string Errors)> EndAsync(this Process script)
    {
        var errors = script.StandardError.ReadToEndAsync();
        var output = await script.StandardOutput.ReadToEndAsync();
        await script.WaitForExitAsync();
        return (script.ExitCode, output, await errors);
    }
}
