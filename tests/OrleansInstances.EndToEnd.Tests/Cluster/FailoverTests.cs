using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using OrleansInstances.EndToEnd.Tests.Execs;
using Xunit.Abstractions;

namespace OrleansInstances.EndToEnd.Tests.Cluster;

/// <summary>
/// A silo of three is killed with SIGKILL under load; its keeper and what it keeps live on. <c>./dev failover</c> has more
/// instances than the suite, and tells the times.
/// </summary>
[Collection(SharedCluster.Name)]
public sealed class FailoverTests(SharedCluster shared, ITestOutputHelper output) : OnSharedCluster(shared)
{
    private static readonly string? Asked = Environment.GetEnvironmentVariable("OI_TEST_FAILOVER_INSTANCES");

    /// <summary>Every other one may move.</summary>
    private static readonly int Instances = int.Parse(Asked ?? "12", CultureInfo.InvariantCulture);

    /// <summary>The suite's machine may be busy with other tests.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(Asked is null || RunningCluster.IsAsInProduction ? 20 : 2);

    private RunningSilo Gateway => Cluster.Silos[0];

    [NeedsClusterFact]
    public async Task What_may_move_runs_elsewhere_once_and_what_waits_is_found_when_its_node_is_back()
    {
        var all = await CreateAsync();
        var before = await AllAsync(all, "running", _ => true);
        var lost = Cluster.Silos.Skip(1).MaxBy(silo => before.Count(instance => MayMove(instance) && NodeOf(instance) == RunningCluster.NodeOf(silo)))!;
        var there = before.Where(instance => NodeOf(instance) == RunningCluster.NodeOf(lost)).ToList();
        var (moving, waiting, mayMove) = (Ids(there, MayMove), Ids(there, instance => !MayMove(instance)), Ids(before, MayMove));
        Assert.True(moving.Count > 0 && waiting.Count > 0, $"{moving.Count} that may move and {waiting.Count} that wait are on the node that will be lost.");
        var pids = waiting.ToDictionary(id => id, SessionOf);
        var copies = new CopyCount(all);
        await using var counting = copies;
        var load = await ClusterLoad.StartAsync(Gateway, Cluster.Silos);
        output.WriteLine($"{Instances} instances on three nodes, {there.Count} on the one to be lost; lease {RunningCluster.Lease.TotalSeconds} s, margin {RunningCluster.Margin.TotalSeconds} s");

        var clock = Stopwatch.StartNew();
        await lost.KillAsync();
        await AnswerAllAsync(all);
        var silence = clock.Elapsed;
        output.WriteLine($"all instances answer {silence.TotalSeconds:0.00} s after the kill");
        var moved = await AllAsync(moving, "running", instance => NodeOf(instance) != RunningCluster.NodeOf(lost));
        output.WriteLine($"{moved.Count} that may move run elsewhere after {clock.Elapsed.TotalSeconds:0.00} s");
        await AllAsync(waiting, "lost", _ => true);
        Assert.All(moved, instance => Assert.InRange((int)instance["epoch"]!, 2, int.MaxValue));

        clock.Restart();
        await lost.StartAsync();
        output.WriteLine($"its silo is ready {clock.Elapsed.TotalSeconds:0.00} s after its start");
        var found = await AllAsync(waiting, "running", _ => true);
        output.WriteLine($"{found.Count} that wait are found after {clock.Elapsed.TotalSeconds:0.00} s");
        Assert.All(found, instance => Assert.Equal((1, pids[Id(instance)]), ((int?)instance["epoch"], SessionOf(Id(instance)))));

        await load.IsHeardAsync();
        await AllAsync(all, "running", _ => true);
        await load.AssertNothingLostAsync();
        foreach (var id in all)
        {
            // On a machine that stands still for longer than a lease more of them move.
            var epochs = await NumberedLines.AssertWholeAsync(id, Cluster.Silos, atLeast: moving.Contains(id) ? 2 : 1);
            Assert.Equal(mayMove.Contains(id) ? Enumerable.Range(1, epochs.Count) : [1], epochs.Keys.Order());
            Assert.NotEmpty(NumberedLines.Lines(await Gateway.Http.GetStringAsync($"/api/instances/{id}/logs?from=0&format=raw")));
        }

        await copies.AssertNoSecondAsync();
        output.WriteLine($"no second copy in {copies.Looks} looks at all processes; {load.Acknowledged} commands acknowledged and none lost; no line of output lost");
        Assert.InRange(silence, TimeSpan.Zero, LongestSilence);
    }

    [NeedsClusterFact]
    public async Task A_silo_that_is_back_within_the_lease_adopts_everything_and_starts_what_was_asked_for_meanwhile()
    {
        var all = await CreateAsync();
        await AllAsync(all, "running", _ => true);
        var sessions = all.ToDictionary(id => id, SessionOf);

        // The keeper, not the lease, is what it comes back to: the sooner the better.
        var lost = Cluster.Silos[1];
        var idle = await Gateway.CreateAsync(new { command = new[] { "/bin/sh", "-c", "echo $OI_EPOCH >>starts; exec sleep 1000" }, start = false, node = RunningCluster.NodeOf(lost) });
        await lost.KillAsync();
        var starting = Gateway.PostAsync(idle, "start");
        await lost.StartAsync();

        // Its grain may have been on the silo that died.
        using var started = await starting;
        switch (started.StatusCode)
        {
            case HttpStatusCode.ServiceUnavailable:
                await Eventually.Get("the start to be taken", StartAsync, status => status is HttpStatusCode.OK or HttpStatusCode.GatewayTimeout);
                break;
            case HttpStatusCode.GatewayTimeout:
                break;
            default:
                Assert.Equal((HttpStatusCode.OK, "running"), (started.StatusCode, State((await started.Content.ReadFromJsonAsync<JsonNode>())!)));
                break;
        }

        await Gateway.WaitForStateAsync(idle, "running");
        var starts = Path.Combine(lost.FilesOf(idle), "starts");
        await Eventually.Holds("its only start", () => File.Exists(starts) && File.ReadAllLines(starts).Length == 1);
        var after = await RunningCluster.AllAsync(lost, all, "all to run", instance => State(instance) == "running");
        Assert.All(after.Where(instance => !MayMove(instance)), instance => Assert.Equal((1, sessions[Id(instance)]), ((int?)instance["epoch"], SessionOf(Id(instance)))));

        async Task<HttpStatusCode> StartAsync()
        {
            using var answer = await Gateway.PostAsync(idle, "start");
            return answer.StatusCode;
        }
    }

    [NeedsClusterFact]
    public async Task A_command_runs_through_the_gateway_of_another_silo_and_ends_with_that_of_its_node()
    {
        var (gateway, other) = (Gateway, Cluster.Silos[1]);
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

    private static string NodeOf(JsonNode instance) => (string)instance["node"]!;

    private static string State(JsonNode instance) => (string)instance["state"]!;

    private static bool MayMove(JsonNode instance) => (string?)instance["name"] == "move";

    private static List<string> Ids(IEnumerable<JsonNode> instances, Func<JsonNode, bool> which) => [.. instances.Where(which).Select(Id)];

    /// <summary>The process that its keeper started.</summary>
    private static string SessionOf(string id) => Assert.Single(ProcessTable.Copies()[id]);

    /// <summary>
    /// Through every gateway in turn. Those that wait are as many on every node; of those that may move, the ones that are made through the
    /// others are on these too, so that there are some to be lost.
    /// </summary>
    private async Task<IReadOnlyList<string>> CreateAsync()
    {
        var program = NumberedLines.Program(TimeSpan.FromSeconds(Math.Max(0.2, Instances / 50.0)));
        var created = new List<string>();
        for (var i = 0; i < Instances; i++)
        {
            var silo = Cluster.Silos[i % Cluster.Silos.Count];
            var (loss, node) = i / Cluster.Silos.Count % 2 == 0 ? ("move", null) : ("wait", RunningCluster.NodeOf(silo));
            var labels = loss == "move" && silo != Gateway ? RunningCluster.LabelOfOthers : [];
            created.Add(Id(await silo.CreateAsync(new { name = loss, command = program, on_node_loss = loss, node, node_labels = labels })));
        }

        return created;
    }

    private Task<IReadOnlyList<JsonNode>> AllAsync(IReadOnlyCollection<string> ids, string state, Predicate<JsonNode> holds) =>
        RunningCluster.AllAsync(Gateway, ids, $"all to be {state}", instance => State(instance) == state && holds(instance));

    private Task AnswerAllAsync(IEnumerable<string> ids) =>
        Parallel.ForEachAsync(ids, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (id, _) => await Eventually.Get(
            "an instance to answer",
            async () =>
            {
                using var response = await Gateway.Http.GetAsync($"/api/instances/{id}");
                return response.StatusCode;
            },
            status => status == HttpStatusCode.OK,
            seconds: 60));
}
