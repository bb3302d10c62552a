using System.Text.Json.Nodes;

namespace OrleansInstances.EndToEnd.Tests.Cluster;

/// <summary>A cluster is upgraded silo by silo.</summary>
public sealed class UpgradeTests
{
    [NeedsClusterFact]
    public async Task Silos_of_two_builds_work_together_and_nothing_ends_on_the_way()
    {
        using var later = new LaterBuild();
        await using var cluster = await RunningCluster.StartAsync(2, losesNodes: false);
        var (first, second) = (cluster.Silos[0], cluster.Silos[1]);
        var old = new[] { await RunAsync(first, first), await RunAsync(first, second), await RunAsync(second, first), await RunAsync(second, second) };
        var pids = old.Select(PidOf).ToArray();

        await UpgradeAsync(second, later, first, old);
        await AllRunAsync(first, old);
        var mixed = new[] { await RunAsync(first, second), await RunAsync(second, first) };
        await TalkAsync(first, mixed[0]);
        await TalkAsync(second, mixed[1]);
        await first.DoAsync(mixed[0], "restart");
        await second.DoAsync(mixed[1], "restart");
        await first.DoAsync(mixed[0], "stop");
        await second.DoAsync(mixed[1], "stop");

        await UpgradeAsync(first, later, second, old);
        await AllRunAsync(second, old);

        Assert.Equal(pids, old.Select(PidOf));
        Assert.Equal("stopped", (string?)(await second.GetAsync(mixed[0]))["state"]);
    }

    /// <summary>Ends a silo as a service manager does, and starts the next build in its place. Whoever asks another one notices nothing.</summary>
    private static async Task UpgradeAsync(RunningSilo silo, LaterBuild later, RunningSilo other, IReadOnlyList<JsonNode> instances)
    {
        using var upgraded = new CancellationTokenSource();
        var asking = AskAsync(other, instances, upgraded.Token);
        Assert.Equal(0, await silo.TerminateAsync());
        Assert.Contains($"{instances.Count / 2} instances keep running", silo.Output, StringComparison.Ordinal);
        silo.Build = later.Folder;
        await silo.StartAsync();
        await upgraded.CancelAsync();
        await asking;
    }

    private static async Task AskAsync(RunningSilo silo, IReadOnlyList<JsonNode> instances, CancellationToken end)
    {
        for (var i = 0; !end.IsCancellationRequested; i++)
        {
            // Lost while its node is away for longer than a lease.
            Assert.Contains((string?)(await silo.GetAsync(instances[i % instances.Count]))["state"], new[] { "running", "lost" });
        }
    }

    /// <summary>An instance on one silo's node, asked of another.</summary>
    private static async Task<JsonNode> RunAsync(RunningSilo asked, RunningSilo runs)
    {
        var instance = await asked.CreateAsync(new { command = new[] { "/bin/cat" }, node = RunningCluster.NodeOf(runs) });
        return await asked.WaitForStateAsync(instance, "running");
    }

    private static async Task TalkAsync(RunningSilo silo, JsonNode instance)
    {
        await silo.InputAsync(instance, "hello\n");
        await Eventually.Get("the echo", () => silo.OutputOfAsync(instance), output => output.Contains("hello", StringComparison.Ordinal));
    }

    private static async Task AllRunAsync(RunningSilo silo, IEnumerable<JsonNode> instances)
    {
        foreach (var instance in instances)
        {
            await silo.WaitForStateAsync(instance, "running");
        }
    }

    private static int PidOf(JsonNode instance) => Assert.Single(ProcessTable.OfInstance((string)instance["uuid"]!));
}
