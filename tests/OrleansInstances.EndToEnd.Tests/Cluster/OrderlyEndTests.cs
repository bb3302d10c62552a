namespace OrleansInstances.EndToEnd.Tests.Cluster;

/// <summary>A silo of a cluster is asked to end: SIGTERM.</summary>
[Collection(SharedCluster.Name)]
public sealed class OrderlyEndTests(SharedCluster shared) : OnSharedCluster(shared)
{
    /// <summary>Takes its time when it is asked to end.</summary>
    private static readonly string[] Slow = ["/bin/sh", "-c", "trap 'sleep 3; exit 0' TERM; echo up; while :; do sleep 0.1; done"];

    [NeedsClusterFact]
    public async Task It_answers_what_it_was_asked_hands_over_and_leaves_its_instances_running()
    {
        var (silo, other) = (Cluster.Silos[1], Cluster.Silos[0]);
        var node = RunningCluster.NodeOf(silo);
        var stays = await silo.WaitForStateAsync(await silo.CreateAsync(new { command = new[] { "/bin/cat" }, node }), "running");
        var pid = Assert.Single(ProcessTable.OfInstance((string)stays["uuid"]!));
        var ends = await silo.CreateAsync(new { command = Slow, stop = new { timeout_seconds = 20 }, node });
        await Eventually.Get("the program to be up", () => silo.OutputOfAsync(ends), output => output == "up\n");

        var stop = silo.DoAsync(ends, "stop");
        await Eventually.Get("the stop to be under way", () => other.GetAsync(ends), seen => (string?)seen["state"] != "running");
        var ended = silo.TerminateAsync();

        Assert.Equal(("stopped", 0), ((string?)(await stop)["state"], (int?)(await stop)["exit_code"]));
        Assert.Equal(0, await ended);
        Assert.Contains("running; ./dev down stops", silo.Output, StringComparison.Ordinal);
        Assert.Equal(("stopped", 1), ((string?)(await other.GetAsync(ends))["state"], (int?)(await other.GetAsync(stays))["epoch"]));
        await silo.StartAsync();
        Assert.Equal(1, (int?)(await other.WaitForStateAsync(stays, "running"))["epoch"]);
        Assert.Equal(pid, Assert.Single(ProcessTable.OfInstance((string)stays["uuid"]!)));
    }
}
