using System.Diagnostics;
using System.Globalization;
using System.Net;
using OrleansInstances.Testing;
using Xunit.Abstractions;

namespace OrleansInstances.EndToEnd.Tests.Cluster;

/// <summary>
/// PostgreSQL crashes under three silos, stays away longer than their leases, and comes back. <c>OI_TEST_OUTAGE_SECONDS</c> says
/// for how long.
/// </summary>
[Collection(SharedCluster.Name)]
public sealed class ClusterOutageTests(SharedCluster shared, ITestOutputHelper output) : OnSharedCluster(shared)
{
    private const int Instances = 6;

    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(double.Parse(Environment.GetEnvironmentVariable("OI_TEST_OUTAGE_SECONDS") ?? "8", CultureInfo.InvariantCulture));

    private readonly PostgresServer _postgres = shared.Postgres;

    [NeedsClusterFact]
    public async Task What_waits_runs_on_and_the_cluster_recovers_by_itself()
    {
        var gateway = Cluster.Silos[2];
        var program = NumberedLines.Program(TimeSpan.FromSeconds(0.5));
        var (waiting, moving) = (new List<string>(), new List<string>());
        for (var i = 0; i < Instances; i++)
        {
            waiting.Add((string)(await gateway.CreateAsync(new { command = program, on_node_loss = "wait" }))["uuid"]!);
            moving.Add((string)(await gateway.CreateAsync(new { command = program, on_node_loss = "move" }))["uuid"]!);
        }

        List<string> all = [.. waiting, .. moving];
        await RunAsync(all);
        var sessions = waiting.ToDictionary(id => id, id => Assert.Single(ProcessTable.Copies()[id]));
        var copies = new CopyCount(all);
        await using var counting = copies;
        var load = await ClusterLoad.StartAsync(gateway, Cluster.Silos);

        await _postgres.StopAsync(immediate: true);
        await Task.Delay(Outage);
        var meanwhile = ProcessTable.Copies();
        Assert.All(waiting, id => Assert.Equal(sessions[id], Assert.Single(meanwhile[id])));
        await _postgres.StartAsync();

        var clock = Stopwatch.StartNew();
        foreach (var silo in Cluster.Silos)
        {
            await Eventually.Get("a silo to be ready again", () => StatusAsync(silo), status => status == HttpStatusCode.OK, seconds: 60);
        }

        output.WriteLine($"PostgreSQL was away for {Outage.TotalSeconds} s; all silos are ready {clock.Elapsed.TotalSeconds:0.0} s after its start");
        await RunAsync(all);
        await Eventually.Get("all to have a process", () => Task.FromResult(ProcessTable.Copies()), running => all.TrueForAll(running.ContainsKey), seconds: 60);
        output.WriteLine($"all {all.Count} instances run after {clock.Elapsed.TotalSeconds:0.0} s");
        await load.IsHeardAsync();
        await load.AssertNothingLostAsync();

        foreach (var id in all)
        {
            var epochs = await NumberedLines.AssertWholeAsync(id, Cluster.Silos);
            Assert.True(moving.Contains(id) || epochs.Keys.SequenceEqual([1]), $"{id}, which waits, was started {epochs.Count} times.");
        }

        Assert.All(waiting, id => Assert.Equal(sessions[id], Assert.Single(ProcessTable.Copies()[id])));
        await copies.AssertNoSecondAsync();
        output.WriteLine($"no second copy in {copies.Looks} looks at all processes; {load.Acknowledged} commands acknowledged and none lost; no line of output lost");

        Task RunAsync(IReadOnlyCollection<string> ids) => RunningCluster.AllAsync(gateway, ids, "all to run", instance => (string?)instance["state"] == "running");
    }

    private static async Task<HttpStatusCode> StatusAsync(RunningSilo silo)
    {
        using var response = await silo.Http.GetAsync("/health/ready");
        return response.StatusCode;
    }
}
