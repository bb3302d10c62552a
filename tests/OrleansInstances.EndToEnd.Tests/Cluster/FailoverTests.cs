using System.Diagnostics;
using System.Text.Json.Nodes;
using OrleansInstances.EndToEnd.Tests.Execs;
using Xunit.Abstractions;

namespace OrleansInstances.EndToEnd.Tests.Cluster;

/// <summary>A silo of three is killed with SIGKILL; its keeper and what it keeps live on.</summary>
public sealed class FailoverTests(TwoSilos two, ITestOutputHelper output) : IClassFixture<TwoSilos>
{
    /// <summary>Of them half may move. <c>./dev failover</c> has more.</summary>
    private static readonly int Instances = int.Parse(Environment.GetEnvironmentVariable("OI_TEST_FAILOVER_INSTANCES") ?? "12", System.Globalization.CultureInfo.InvariantCulture);

    [NeedsClusterFact]
    public async Task What_may_move_runs_elsewhere_once_and_what_waits_is_found_when_its_node_is_back()
    {
        await using var cluster = await RunningCluster.StartAsync(3);
        var (gateway, lost) = (cluster.Silos[0], cluster.Silos[1]);
        var all = await CreateAsync(cluster);
        var before = await StatesAsync(gateway, all, state => state == "running");
        var there = before.Where(instance => (string?)instance["node"] == RunningCluster.NodeOf(lost)).ToList();
        Assert.InRange(there.Count, Instances / 4, Instances / 2);
        var pids = there.ToDictionary(Id, instance => Assert.Single(ProcessTable.OfInstance(Id(instance))));
        await using var copies = new CopyCount([.. all.Select(Id)]);

        var clock = Stopwatch.StartNew();
        await lost.KillAsync();
        await AnswerAllAsync(gateway, all);
        output.WriteLine($"all {Instances} instances answer after {clock.Elapsed.TotalSeconds:0.00} s");
        var moved = await StatesAsync(gateway, [.. there.Where(MayMove)], (instance, state) => state == "running" && (string?)instance["node"] != RunningCluster.NodeOf(lost));
        output.WriteLine($"{moved.Count} that may move run elsewhere after {clock.Elapsed.TotalSeconds:0.00} s");
        await StatesAsync(gateway, [.. there.Where(instance => !MayMove(instance))], state => state == "lost");

        Assert.All(moved, instance => Assert.Equal(2, (int?)instance["epoch"]));
        clock.Restart();
        await lost.StartAsync();
        var found = await StatesAsync(gateway, [.. there.Where(instance => !MayMove(instance))], state => state == "running");
        output.WriteLine($"{found.Count} that wait are found {clock.Elapsed.TotalSeconds:0.00} s after the start of their silo");

        Assert.All(found, instance => Assert.Equal((1, pids[Id(instance)]), RunOf(instance)));
        await StatesAsync(gateway, all, state => state == "running");
        Assert.Equal(1, copies.Most);
        output.WriteLine($"no second copy in {copies.Looks} looks at all processes");
    }

    [NeedsClusterFact]
    public async Task A_silo_that_is_back_within_the_lease_adopts_everything()
    {
        var cluster = await two.StartedAsync();
        var all = await CreateAsync(cluster);
        await StatesAsync(cluster.Silos[0], all, state => state == "running");
        var pids = all.ToDictionary(Id, instance => Assert.Single(ProcessTable.OfInstance(Id(instance))));

        // The keeper, not the lease, is what it comes back to: the sooner the better.
        await cluster.Silos[1].KillAsync();
        await cluster.Silos[1].StartAsync();

        var after = await StatesAsync(cluster.Silos[1], all, state => state == "running");
        Assert.All(after.Where(instance => !MayMove(instance)), instance => Assert.Equal((1, pids[Id(instance)]), RunOf(instance)));
    }

    [NeedsClusterFact]
    public async Task A_command_runs_through_the_gateway_of_another_silo_and_ends_with_that_of_its_node()
    {
        var silos = (await two.StartedAsync()).Silos;
        var (gateway, other) = (silos[0], silos[1]);
        var instance = await gateway.CreateAsync(new { command = new[] { "sleep", "1000" }, node = RunningCluster.NodeOf(other) });
        await gateway.WaitForStateAsync(instance, "running");

        var data = System.Security.Cryptography.RandomNumberGenerator.GetBytes(300_000);
        await using var pipes = await ExecSocket.OpenAsync(gateway, instance, "sh", "-c", "cat; echo $OI_INSTANCE_ID >&2; exit 7");
        foreach (var piece in data.Chunk(30_000))
        {
            await pipes.WriteAsync(piece);
        }

        await pipes.CloseInputAsync();
        Assert.Equal(7, await pipes.ExitAsync());
        Assert.True(data.AsSpan().SequenceEqual(pipes.Stdout));
        Assert.Equal($"{Id(instance)}\n", pipes.Errors);

        await using var terminal = await ExecSocket.OpenTerminalAsync(gateway, instance, "sh", "-c", "trap '' HUP; stty size; read line; stty size; cat");
        await terminal.UntilAsync("24 80");
        await terminal.ResizeAsync(132, 43);
        await terminal.TypeAsync("\n");
        await terminal.UntilAsync("43 132");
        await other.KillAsync();

        Assert.Null(await terminal.ExitAsync());
        Assert.Equal(14, (int)terminal.Error!["code"]!);
        await Eventually.Holds("the program alone", () => ProcessTable.OfInstance(Id(instance)).Count == 1);
        await other.StartAsync();
        await gateway.WaitForStateAsync(instance, "running");
    }

    private static string Id(JsonNode instance) => (string)instance["uuid"]!;

    private static (int? Epoch, int Pid) RunOf(JsonNode instance) => ((int?)instance["epoch"], Assert.Single(ProcessTable.OfInstance(Id(instance))));

    private static bool MayMove(JsonNode instance) => (string?)instance["name"] == "move";

    /// <summary>Through every gateway in turn, every other one free to move.</summary>
    private static async Task<IReadOnlyList<JsonNode>> CreateAsync(RunningCluster cluster)
    {
        var created = new List<JsonNode>();
        for (var i = 0; i < Instances; i++)
        {
            var loss = i / cluster.Silos.Count % 2 == 0 ? "move" : "wait";
            created.Add(await cluster.Silos[i % cluster.Silos.Count].CreateAsync(new { name = loss, command = new[] { "/bin/cat" }, on_node_loss = loss }));
        }

        return created;
    }

    private static Task<IReadOnlyList<JsonNode>> StatesAsync(RunningSilo silo, IReadOnlyList<JsonNode> instances, Predicate<string> holds) =>
        StatesAsync(silo, instances, (_, state) => holds(state));

    private static Task<IReadOnlyList<JsonNode>> StatesAsync(RunningSilo silo, IReadOnlyList<JsonNode> instances, Func<JsonNode, string, bool> holds) => Eventually.Get<IReadOnlyList<JsonNode>>(
        "all to be as they should",
        async () =>
        {
            var ids = instances.Select(Id).ToHashSet();
            return [.. (await silo.GetAsync("/api/instances")).AsArray().Select(instance => instance!).Where(instance => ids.Contains(Id(instance)))];
        },
        seen => seen.Count == instances.Count && seen.All(instance => holds(instance, (string)instance["state"]!)),
        seconds: RunningCluster.LongestFence.TotalSeconds + 60);

    private static async Task AnswerAllAsync(RunningSilo silo, IReadOnlyList<JsonNode> instances)
    {
        foreach (var instance in instances)
        {
            await Eventually.Get(
                "an instance to answer",
                async () =>
                {
                    using var response = await silo.Http.GetAsync($"/api/instances/{Id(instance)}");
                    return response.StatusCode;
                },
                status => status == System.Net.HttpStatusCode.OK,
                seconds: 60);
        }
    }
}
