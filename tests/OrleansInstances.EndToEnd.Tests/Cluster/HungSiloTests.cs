using System.Diagnostics;
using OrleansInstances.Testing;
using Xunit.Abstractions;

namespace OrleansInstances.EndToEnd.Tests.Cluster;

/// <summary>A silo stands still, as a hung machine's does, until the others have called it dead; its keeper and what that keeps live on.</summary>
public sealed class HungSiloTests(ITestOutputHelper output)
{
    [NeedsClusterFact]
    public async Task It_ends_when_it_goes_on_and_the_next_one_finds_what_waited()
    {
        var database = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        await using var other = RunningCluster.Configure(new RunningSilo(), "other", database);
        await using var hung = RunningCluster.Configure(new RunningSilo { IsBelowKeeper = true }, "hung", database);
        await Task.WhenAll(other.StartAsync(), hung.StartAsync());
        var waits = await other.WaitForStateAsync(await other.CreateAsync(new { command = new[] { "/bin/cat" }, node = "hung" }), "running");
        var process = Assert.Single(ProcessTable.OfInstance((string)waits["uuid"]!));

        var silo = await hung.FreezeBelowKeeperAsync();
        await other.WaitForStateAsync(waits, "lost");
        await Eventually.Get("its node to be fenced", () => other.GetAsync("/api/nodes/hung"), node => (string?)node["state"] == "fenced");
        RunningSilo.Thaw(silo);
        var clock = Stopwatch.StartNew();
        await Eventually.Holds("the silo to end", () => ProcessTable.StateOf(silo) is 'Z' or ' ', seconds: 120);
        output.WriteLine($"it ended {clock.Elapsed.TotalSeconds:0.0} s after it went on");

        await hung.ReadyAsync();
        Assert.Equal(1, (int?)(await other.WaitForStateAsync(waits, "running"))["epoch"]);
        Assert.Equal(process, Assert.Single(ProcessTable.OfInstance((string)waits["uuid"]!)));
        output.WriteLine($"what waited was found after {clock.Elapsed.TotalSeconds:0.0} s");
    }
}
