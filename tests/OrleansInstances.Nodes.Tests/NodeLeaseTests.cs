using OrleansInstances.Instances;
using OrleansInstances.Keeper.Protocol;
using OrleansInstances.Nodes.Tests.Testing;

namespace OrleansInstances.Nodes.Tests;

/// <summary>Starts belong to one registration of the node, with a keeper that does what a test tells it.</summary>
public sealed class NodeLeaseTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly FakeGrains _grains = new();
    private ScriptedKeeper _keeper = null!;
    private NodeRuntime _runtime = null!;

    public async Task InitializeAsync()
    {
        _keeper = new ScriptedKeeper(_folder.Path);
        _runtime = await TestRuntime.StartAsync(_folder.Path, _grains);
        _runtime.Incarnation = 5;
    }

    public async Task DisposeAsync()
    {
        await _runtime.DisposeAsync();
        await _keeper.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(6)]
    public async Task A_start_for_another_registration_is_refused_and_never_reaches_the_keeper(long incarnation)
    {
        var reply = await _runtime.StartAsync(Order(TestRuntime.NewRun(), incarnation));

        Assert.Equal((RefusalKind.Conflict, "stale_incarnation"), (reply.Refusal!.Kind, reply.Refusal.Code));
        Assert.Empty(_keeper.RequestsOf<StartRequest>());
    }

    [Fact]
    public async Task Before_the_node_is_registered_nothing_is_decided()
    {
        _runtime.Incarnation = 0;

        var reply = await _runtime.StartAsync(Order(TestRuntime.NewRun(), 5));

        Assert.Equal((RefusalKind.Unavailable, "node_joining"), (reply.Refusal!.Kind, reply.Refusal.Code));
        Assert.Empty(_keeper.RequestsOf<StartRequest>());
    }

    [Fact]
    public async Task What_runs_already_is_told_of_whatever_became_of_the_node_since()
    {
        var run = TestRuntime.NewRun();
        await _runtime.StartAsync(Order(run, 5));
        await _grains.WaitForAsync(run, RunPhase.Running);
        _runtime.Incarnation = 6;
        await ToldAsync(2);

        Assert.Equal(NodeReply.Accepted, await _runtime.StartAsync(Order(run, 5)));

        await ToldAsync(3);
        Assert.Equal(RunRecordPhase.Running, _keeper.Runs[run.InstanceId].Phase);

        Task ToldAsync(int times) =>
            Eventually.TrueAsync(() => _grains.Accepted.Count(report => report.Run == run && report.Phase == RunPhase.Running) == times, $"the run told of {times} times");
    }

    [Theory]
    [InlineData(NodeLossPolicy.Wait)]
    [InlineData(NodeLossPolicy.Move)]
    public async Task A_start_that_was_taken_but_not_begun_is_closed_when_the_node_is_registered_anew(NodeLossPolicy policy)
    {
        var run = TestRuntime.NewRun();
        var attempts = 0;
        _keeper.Script = request =>
        {
            if (request is not StartRequest || Interlocked.Increment(ref attempts) > 1)
            {
                return null;
            }

            _runtime.Incarnation = 6;
            _keeper.DropConnections();
            return ScriptedKeeper.NoReply;
        };

        await _runtime.StartAsync(Order(run, 5, policy));

        var report = await _grains.WaitForAsync(run, RunPhase.NoRoom);
        Assert.Contains("registered anew", report.Message, StringComparison.Ordinal);
        Assert.Equal(1, attempts);
        Assert.Equal(RunRecordPhase.Exited, _keeper.Runs[run.InstanceId].Phase);
    }

    [Fact]
    public async Task A_start_that_comes_too_late_for_the_lease_is_closed_and_not_a_failure()
    {
        _keeper.Script = request => request is StartRequest ? new KeeperMessage { Error = new KeeperError(KeeperErrorCodes.Fenced, "the lease has run out") } : null;
        var run = TestRuntime.NewRun();

        await _runtime.StartAsync(Order(run, 5, NodeLossPolicy.Move));

        Assert.Equal("the lease has run out", (await _grains.WaitForAsync(run, RunPhase.NoRoom)).Message);
        Assert.Equal(RunRecordPhase.Exited, _keeper.Runs[run.InstanceId].Phase);
    }

    [Fact]
    public async Task The_keeper_is_told_what_a_start_was_meant_for_and_until_when_it_may_run()
    {
        var run = TestRuntime.NewRun();
        await _runtime.StartAsync(Order(run, 5));
        await _grains.WaitForAsync(run, RunPhase.Running);

        Assert.Null(await _runtime.LeaseAsync(5, 4711));

        Assert.Equal("5", Assert.Single(_keeper.RequestsOf<StartRequest>()).Incarnation);
        Assert.Equal(("5", 4711L), (Assert.Single(_keeper.RequestsOf<LeaseRequest>()).Incarnation, Assert.Single(_keeper.RequestsOf<LeaseRequest>()).UntilMs));
        _keeper.Script = request => request is LeaseRequest ? new KeeperMessage { Error = new KeeperError(KeeperErrorCodes.Stale, "no") } : null;
        Assert.Equal(RefusalKind.Unavailable, (await _runtime.LeaseAsync(5, 1))!.Kind);
    }

    [Fact]
    public async Task A_fence_is_over_only_when_nothing_that_may_move_is_alive_and_tries_until_then()
    {
        var (moving, waiting) = (TestRuntime.NewRun(), TestRuntime.NewRun());
        Add(moving, move: true);
        Add(waiting, move: false);
        var looks = 0;
        _keeper.Script = request =>
        {
            if (request is not ListRequest)
            {
                return null;
            }

            switch (Interlocked.Increment(ref looks))
            {
                case 1:
                    _keeper.DropConnections();
                    return ScriptedKeeper.NoReply;
                case 5:
                    _keeper.Runs[moving.InstanceId] = _keeper.Runs[moving.InstanceId] with { Phase = RunRecordPhase.Exited };
                    break;
            }

            return null;
        };

        await _runtime.FenceAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(20));

        Assert.True(looks >= 5, $"It looked {looks} times.");
        Assert.Equal(0, _runtime.Incarnation);
        Assert.Equal(RunRecordPhase.Running, _keeper.Runs[waiting.InstanceId].Phase);
        Assert.Equal("node_joining", (await _runtime.StartAsync(Order(TestRuntime.NewRun(), 5))).Refusal!.Code);

        void Add(RunKey run, bool move) => _keeper.Runs[run.InstanceId] = ScriptedKeeper.Record(run.InstanceId, run.Epoch, RunRecordPhase.Running) with { Move = move };
    }

    [Fact]
    public async Task What_is_alive_is_reported_again_when_the_node_is_registered_anew_and_not_when_it_goes_on()
    {
        var (alive, ended) = (TestRuntime.NewRun(), TestRuntime.NewRun());
        await _runtime.StartAsync(Order(alive, 5));
        await _runtime.StartAsync(Order(ended, 5));
        await _grains.WaitForAsync(alive, RunPhase.Running);
        await _grains.WaitForAsync(ended, RunPhase.Running);
        _keeper.End(ended.InstanceId, 0);
        await _grains.WaitForAsync(ended, RunPhase.Exited);
        var before = _grains.Accepted.Count;

        _runtime.Incarnation = 5;
        await _runtime.FenceAsync(CancellationToken.None);
        _runtime.Incarnation = 5;
        await _runtime.FenceAsync(CancellationToken.None);
        _runtime.Incarnation = 6;

        await Eventually.TrueAsync(() => _grains.Accepted.Count > before, "a report");
        Assert.Equal((alive, RunPhase.Running), (_grains.Accepted[before].Run, _grains.Accepted[before].Phase));
        Assert.Equal(before + 1, _grains.Accepted.Count);
    }

    [Fact]
    public async Task A_fence_that_nobody_waits_for_any_more_ends()
    {
        var run = TestRuntime.NewRun();
        _keeper.Runs[run.InstanceId] = ScriptedKeeper.Record(run.InstanceId, run.Epoch, RunRecordPhase.Running) with { Move = true };
        using var enough = new CancellationTokenSource();

        var fence = _runtime.FenceAsync(enough.Token);
        await Eventually.TrueAsync(() => _keeper.RequestsOf<LeaseRequest>().Count() > 1, "a second try");
        await enough.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fence);
    }

    [Fact]
    public async Task Limits_share_the_room_of_the_node_and_those_of_adopted_runs_count()
    {
        var (adopted, tooMuch, tooLarge, fits, free) = (TestRuntime.NewRun(), TestRuntime.NewRun(), TestRuntime.NewRun(), TestRuntime.NewRun(), TestRuntime.NewRun());
        await _runtime.StartAsync(Limited(adopted, new InstanceLimits(600, 1.2)));
        await _grains.WaitForAsync(adopted, RunPhase.Running);
        await _runtime.DisposeAsync();
        var note = Assert.Single(_keeper.RequestsOf<StartRequest>()).Note;
        _keeper.Runs[adopted.InstanceId] = _keeper.Runs[adopted.InstanceId] with { Note = note };
        _runtime = await TestRuntime.StartAsync(_folder.Path, _grains, node: new NodeOptions { Cpus = 2, MemoryMb = 1000 });
        _runtime.Incarnation = 5;
        await Eventually.TrueAsync(() => _runtime.Used == new NodeUse(1, 1.2, 600), "the adopted run's limits");

        await _runtime.StartAsync(Limited(tooMuch, new InstanceLimits(0, 0.9)));
        await _runtime.StartAsync(Limited(tooLarge, new InstanceLimits(401)));
        await _runtime.StartAsync(Limited(fits, new InstanceLimits(400, 0.8)));
        await _runtime.StartAsync(Limited(free, new InstanceLimits()));

        Assert.Contains("0.9 processors", (await _grains.WaitForAsync(tooMuch, RunPhase.NoRoom)).Message, StringComparison.Ordinal);
        Assert.Contains("401 MiB", (await _grains.WaitForAsync(tooLarge, RunPhase.NoRoom)).Message, StringComparison.Ordinal);
        await _grains.WaitForAsync(fits, RunPhase.Running);
        await _grains.WaitForAsync(free, RunPhase.Running);
        Assert.Equal(new NodeUse(3, 2, 1000), _runtime.Used);
        _keeper.End(fits.InstanceId, 0);
        await _grains.WaitForAsync(fits, RunPhase.Exited);
        Assert.Equal(new NodeUse(2, 1.2, 600), _runtime.Used);
    }

    private static StartRun Order(RunKey run, long incarnation, NodeLossPolicy policy = NodeLossPolicy.Wait)
    {
        var order = TestRuntime.Order(run);
        return order with { Incarnation = incarnation, Spec = order.Spec with { OnNodeLoss = policy } };
    }

    private static StartRun Limited(RunKey run, InstanceLimits limits)
    {
        var order = Order(run, 5);
        return order with { Spec = order.Spec with { Limits = limits } };
    }
}
