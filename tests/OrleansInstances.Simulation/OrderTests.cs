using OrleansInstances.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Simulation;

/// <summary>Starts that come late, twice, or whose outcome nobody knows.</summary>
public sealed class OrderTests : IAsyncLifetime
{
    private static readonly InstanceSpec OnB = new() { Node = "b" };

    private SimulatedCluster _cluster = null!;

    public async Task InitializeAsync() => _cluster = await SimulatedCluster.StartAsync("a", "b", "c");

    public Task DisposeAsync() => _cluster.DisposeAsync().AsTask();

    [Fact]
    public async Task A_start_that_comes_twice_starts_one_copy()
    {
        _cluster["b"].Node.OnStart = (_, take) =>
        {
            take();
            return new(take());
        };

        var id = await _cluster.RunAsync(OnB);

        Assert.Equal(["1 b"], _cluster.Processes.StartsOf(id));
    }

    [Fact]
    public async Task A_start_whose_answer_is_lost_is_asked_for_again_and_is_one_copy()
    {
        var asked = 0;
        _cluster["b"].Node.OnStart = (_, take) =>
        {
            var reply = take();
            return Interlocked.Increment(ref asked) == 1 ? throw new TimeoutException("The answer is lost.") : new(reply);
        };

        var id = await _cluster.RunAsync(OnB);
        await _cluster.PassAsync(SimulatedCluster.Tick);

        Assert.Equal(["1 b"], _cluster.Processes.StartsOf(id));
        Assert.Equal((InstanceStatus.Running, 1), (await StatusAsync(id), (await _cluster.GetAsync(id)).Epoch));
    }

    [Fact]
    public async Task A_start_that_never_came_is_given_again()
    {
        var asked = 0;
        _cluster["b"].Node.OnStart = (_, take) =>
            Interlocked.Increment(ref asked) == 1 ? throw new TimeoutException("It never came.") : new(take());

        var id = await _cluster.BeginAsync(OnB);
        await _cluster.PassUntilAsync("it runs", async () => await StatusAsync(id) == InstanceStatus.Running);

        Assert.Equal(["1 b"], _cluster.Processes.StartsOf(id));
    }

    [Fact]
    public async Task A_start_that_comes_after_the_stop_is_not_carried_out()
    {
        var late = new TaskCompletionSource();
        Task<NodeReply>? first = null;
        _cluster["b"].Node.OnStart = (_, take) => new(first ??= LateAsync(late.Task, take));
        var id = await _cluster.PassUntilDoneAsync(_cluster.BeginAsync(OnB));
        Assert.NotNull(first);

        await _cluster.PassUntilDoneAsync(_cluster.Any.Instance(id).StopAsync());
        await _cluster.UntilAsync(id, InstanceStatus.Stopped);
        late.SetResult();
        await first;

        Assert.Empty(_cluster.Processes.StartsOf(id));
        Assert.Equal(InstanceStatus.Stopped, await StatusAsync(id));
    }

    [Theory]
    [InlineData(NodeLossPolicy.Wait)]
    [InlineData(NodeLossPolicy.Move)]
    public async Task A_start_that_comes_when_its_node_has_another_registration_is_refused(NodeLossPolicy policy)
    {
        var late = new TaskCompletionSource();
        Task<NodeReply>? first = null;
        _cluster["b"].Node.OnStart = (order, take) => order.Run.Epoch == 1 ? new(first ??= LateAsync(late.Task, take)) : new(take());
        var id = await _cluster.PassUntilDoneAsync(_cluster.BeginAsync(OnB with { OnNodeLoss = policy }));
        Assert.NotNull(first);
        var before = await _cluster.NodeAsync("b");

        _cluster["b"].Link.Cut(off: true);
        await _cluster.PassUntilAsync("b is revoked", async () => (await _cluster.NodeAsync("b")).Revoked);
        _cluster["b"].Link.Cut(off: false);
        await _cluster.PassUntilAsync("b has joined anew", async () => await _cluster.NodeAsync("b") is { Revoked: false } row && row.Incarnation > before.Incarnation && _cluster["b"].Node.Incarnation == row.Incarnation);
        late.SetResult();

        Assert.Equal("stale_incarnation", (await first).Refusal?.Code);
        await _cluster.PassUntilAsync("it runs", async () => await StatusAsync(id) == InstanceStatus.Running);
        Assert.Equal(["2 b"], _cluster.Processes.StartsOf(id));
    }

    private async Task<InstanceStatus> StatusAsync(Guid id) => (await _cluster.GetAsync(id)).Status;

    private static async Task<NodeReply> LateAsync(Task late, Func<NodeReply> take)
    {
        await late;
        return take();
    }
}
