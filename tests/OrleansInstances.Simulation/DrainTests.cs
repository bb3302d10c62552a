using OrleansInstances.Instances;
using OrleansInstances.Storage.Nodes;

namespace OrleansInstances.Simulation;

/// <summary>A node is emptied because an operator said so.</summary>
public sealed class DrainTests
{
    private static readonly InstanceSpec Moves = new() { OnNodeLoss = NodeLossPolicy.Move };
    private static readonly InstanceSpec Waits = new() { Restart = new RestartSpec { Policy = RestartPolicy.Always } };

    [Fact]
    public async Task What_may_move_goes_elsewhere_and_what_waits_stays()
    {
        await using var cluster = await SimulatedCluster.StartAsync("a");
        Guid[] moving = [await cluster.RunAsync(Moves), await cluster.RunAsync(Moves), await cluster.RunAsync(Moves)];
        var waiting = await cluster.RunAsync(Waits);
        await cluster.AddAsync("b");

        await CordonAsync(cluster, NodeCordon.Draining);
        await PassUntilMessageAsync(cluster, "Drained of what may move. Waiting for this node: 1.");

        foreach (var id in moving)
        {
            Assert.Equal(("b", InstanceStatus.Running, 2), await PlaceAsync(cluster, id));
        }

        Assert.Equal(("a", InstanceStatus.Running, 1), await PlaceAsync(cluster, waiting));
        Assert.Equal("b", (await cluster.GetAsync(await cluster.RunAsync(new InstanceSpec()))).Node);
    }

    [Fact]
    public async Task Until_one_runs_elsewhere_the_next_one_stays()
    {
        // Long waited for: on a busy machine much time passes here before a start is seen.
        var patiently = Moves with { Stop = new StopSpec(TimeoutSeconds: 3600) };
        await using var cluster = await SimulatedCluster.StartAsync("a");
        Guid[] moving = [await cluster.RunAsync(patiently), await cluster.RunAsync(patiently)];
        await cluster.AddAsync("b");
        var held = new TaskCompletionSource();
        cluster["b"].Node.OnStart = async (_, take) =>
        {
            await held.Task;
            return take();
        };

        try
        {
            await CordonAsync(cluster, NodeCordon.Draining);
            await cluster.PassUntilAsync("the first one's start elsewhere", async () => (await PlaceAsync(cluster, moving[0])).Node == "b");
            await cluster.PassAsync(2 * SimulatedCluster.Tick);

            Assert.Equal(("a", InstanceStatus.Running, 1), await PlaceAsync(cluster, moving[1]));
        }
        finally
        {
            held.SetResult();
        }

        await PassUntilMessageAsync(cluster, "Drained: nothing runs here.");
        Assert.Equal(("b", InstanceStatus.Running, 2), await PlaceAsync(cluster, moving[1]));
    }

    [Fact]
    public async Task What_waits_is_stopped_when_that_is_asked_for()
    {
        await using var cluster = await SimulatedCluster.StartAsync("a");
        var waiting = await cluster.RunAsync(Waits);

        await CordonAsync(cluster, NodeCordon.DrainingAll);
        await PassUntilMessageAsync(cluster, "Drained: nothing runs here.");

        Assert.Equal(("a", InstanceStatus.Stopped, 1), await PlaceAsync(cluster, waiting));
    }

    [Fact]
    public async Task What_has_nowhere_to_go_runs_on_and_goes_when_there_is_a_place()
    {
        await using var cluster = await SimulatedCluster.StartAsync("a");
        var moving = await cluster.RunAsync(Moves);

        await CordonAsync(cluster, NodeCordon.Draining);
        await PassUntilMessageAsync(cluster, "Draining: nowhere to go for 1. No other node takes the instance: There is no node.");
        Assert.Equal(("a", InstanceStatus.Running, 1), await PlaceAsync(cluster, moving));

        await cluster.AddAsync("b");
        await PassUntilMessageAsync(cluster, "Drained: nothing runs here.");
        Assert.Equal(("b", InstanceStatus.Running, 2), await PlaceAsync(cluster, moving));
    }

    [Theory]
    [InlineData(NodeCordon.None)]
    [InlineData(NodeCordon.Cordoned)]
    public async Task An_operator_who_says_otherwise_ends_it(NodeCordon then)
    {
        await using var cluster = await SimulatedCluster.StartAsync("a");
        var moving = await cluster.RunAsync(Moves);
        await CordonAsync(cluster, NodeCordon.Draining);
        await PassUntilMessageAsync(cluster, "Draining: nowhere to go for 1. No other node takes the instance: There is no node.");

        await CordonAsync(cluster, then);
        await PassUntilMessageAsync(cluster, null);
        await cluster.AddAsync("b");
        await cluster.PassAsync(3 * SimulatedCluster.Tick);

        Assert.Equal(("a", InstanceStatus.Running, 1), await PlaceAsync(cluster, moving));
    }

    private static async Task<(string? Node, InstanceStatus Status, long Epoch)> PlaceAsync(SimulatedCluster cluster, Guid instance)
    {
        var seen = await cluster.GetAsync(instance);
        return (seen.Node, seen.Status, seen.Epoch);
    }

    private static async Task CordonAsync(SimulatedCluster cluster, NodeCordon cordon) =>
        Assert.True(await cluster.Storage.Nodes.SetCordonAsync("a", cordon, CancellationToken.None));

    private static Task PassUntilMessageAsync(SimulatedCluster cluster, string? message) =>
        cluster.PassUntilAsync($"the message {message}", async () => (await cluster.NodeAsync("a")).Node.Message == message);
}
