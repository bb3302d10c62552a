using System.Diagnostics;
using System.Text.Json.Nodes;
using Npgsql;
using OrleansInstances.Testing;
using Xunit.Abstractions;

namespace OrleansInstances.EndToEnd.Tests.Cluster;

/// <summary>A machine loses its network, to the database and to the other silos, while its silo, keeper and instances live on.</summary>
public sealed class CutOffTests(ITestOutputHelper output)
{
    private const int Instances = 8;

    [NeedsNamespacesFact]
    public async Task Nothing_ever_runs_twice_and_all_is_well_when_the_network_is_back()
    {
        var postgres = await PostgresServer.SharedAsync();
        var database = new NpgsqlConnectionStringBuilder(await postgres.CreateDatabaseAsync());
        using var machine = new CutOffMachine();
        await using var relay = new Relay(machine.Outside, postgres.Port);
        await using var stays = RunningCluster.Configure(new RunningSilo(), "stays", database.ConnectionString);
        stays.Settings["OI_ADVERTISE"] = machine.Outside;
        (database.Host, database.Port) = (machine.Outside, relay.Port);
        await using var cut = RunningCluster.Configure(
            new RunningSilo(address: machine.Inside) { Wrapper = machine.Around, IsBelowKeeper = true }, "cut", database.ConnectionString);
        cut.Settings["OI_ADVERTISE"] = machine.Inside;
        await cut.StartAsync();

        var program = NumberedLines.Program(TimeSpan.FromSeconds(0.2));
        var moving = await CreateAsync(cut, new { command = program, on_node_loss = "move" });
        var waiting = await CreateAsync(cut, new { command = program });
        List<string> all = [.. moving, .. waiting];
        await stays.StartAsync();
        await RunningCluster.AllAsync(stays, all, "all to run on the one node that there was", instance => IsRunning(instance) && NodeOf(instance) == "cut");
        var sessions = all.ToDictionary(id => id, id => Assert.Single(ProcessTable.Copies()[id]));
        var copies = new CopyCount(all);
        await using var counting = copies;

        machine.Cut();
        var clock = Stopwatch.StartNew();
        await Eventually.Holds(
            "what may move to be ended there",
            () => ProcessTable.Copies() is var now && !moving.Exists(id => now.GetValueOrDefault(id)?.Contains(sessions[id]) == true));
        output.WriteLine($"{moving.Count} that may move ended there {clock.Elapsed.TotalSeconds:0.0} s after the cut");
        await RunningCluster.AllAsync(stays, moving, "them to run elsewhere", instance => IsRunning(instance) && NodeOf(instance) == "stays");
        output.WriteLine($"they run elsewhere after {clock.Elapsed.TotalSeconds:0.0} s");
        await RunningCluster.AllAsync(stays, waiting, "the others to be shown as lost", instance => (string?)instance["state"] == "lost");
        var meanwhile = ProcessTable.Copies();
        Assert.All(waiting, id => Assert.Equal(sessions[id], Assert.Single(meanwhile[id])));

        machine.Mend();
        clock.Restart();
        await RunningCluster.AllAsync(stays, all, "all to run again", IsRunning);
        output.WriteLine($"all run {clock.Elapsed.TotalSeconds:0.0} s after the network is back");
        await cut.ReadyAsync();

        Assert.All(waiting, id => Assert.Equal(sessions[id], Assert.Single(ProcessTable.Copies()[id])));
        foreach (var id in all)
        {
            // On a machine that stands still for longer than a lease they move once more.
            var epochs = await NumberedLines.AssertWholeAsync(id, [stays, cut], atLeast: moving.Contains(id) ? 2 : 1);
            Assert.Equal(moving.Contains(id) ? Enumerable.Range(1, epochs.Count) : [1], epochs.Keys.Order());
        }

        await copies.AssertNoSecondAsync();
        output.WriteLine($"no second copy in {copies.Looks} looks at all processes; no line of output lost");
    }

    private static async Task<List<string>> CreateAsync(RunningSilo silo, object instance)
    {
        var created = new List<string>();
        for (var i = 0; i < Instances; i++)
        {
            created.Add((string)(await silo.CreateAsync(instance))["uuid"]!);
        }

        return created;
    }

    private static string NodeOf(JsonNode instance) => (string)instance["node"]!;

    private static bool IsRunning(JsonNode instance) => (string?)instance["state"] == "running";
}
