using OrleansInstances.Grains.Tests.Instances;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Grains.Tests.Cluster;

/// <summary>The grain of an instance whose node is lost, slow, not to be reached, or another one than it was.</summary>
public sealed class LostNodeTests(GrainHost host) : IClassFixture<GrainHost>, IDisposable
{
    private static readonly NodeSnapshot Alpha = Given.NodeNamed(Given.Node) with { Incarnation = 7 };
    private static readonly NodeSnapshot Beta = Given.NodeNamed("beta") with { Incarnation = 4, Regions = ["elsewhere"] };
    private static readonly InstanceSpec Moving = Given.Spec with { OnNodeLoss = NodeLossPolicy.Move };

    private readonly Guid _id = Guid.NewGuid();

    private IInstanceGrain Grain => host.Instance(_id);

    public void Dispose()
    {
        host.Node.Nodes = [Alpha];
        host.Node.Delay = _ => Task.CompletedTask;
    }

    [Fact]
    public async Task A_lost_node_is_not_asked_and_its_instance_goes_on_elsewhere_after_the_fence()
    {
        await RunningAsync(Moving);
        host.Node.Nodes = [Alpha with { Standing = NodeStanding.Lost }, Beta];

        await Grain.WakeAsync();
        await Grain.WakeAsync();

        Assert.Equal(InstanceStatus.Lost, (await GetAsync()).Status);
        Assert.Equal(["start 1"], host.Node.OrdersFor(_id));
        host.Node.Nodes = [Alpha with { Standing = NodeStanding.Fenced }, Beta];
        await Grain.WakeAsync();
        Assert.Equal((InstanceStatus.Starting, "beta", 2L), ((await GetAsync()).Status, (await GetAsync()).Node, (await GetAsync()).Epoch));
        Assert.Equal(["start 1", "start 2"], host.Node.OrdersFor(_id));
        Assert.Equal(4, host.Node.Starts.Last(start => start.Run.InstanceId == _id).Incarnation);
        Assert.Contains(host.Node.Placements, placed => placed.Node == "beta");
    }

    [Fact]
    public async Task What_is_asked_of_a_lost_instance_is_kept_or_refused()
    {
        await RunningAsync(Given.Spec);
        host.Node.Nodes = [Alpha with { Standing = NodeStanding.Lost }];
        await Grain.WakeAsync();

        Assert.Equal((RefusalKind.Unavailable, "node_lost"), Refused(await Grain.PauseAsync()));
        Assert.Equal((RefusalKind.Unavailable, "node_lost"), Refused(await Grain.SignalAsync("SIGHUP")));
        Assert.Equal((InstanceStatus.Lost, true), ((await Grain.StopAsync()).Instance!.Status, (await GetAsync()).Busy));
        Assert.Equal(["start 1"], host.Node.OrdersFor(_id));
        host.Node.Nodes = [Alpha];
        await Grain.WakeAsync();
        Assert.Equal(InstanceStatus.Stopping, (await GetAsync()).Status);
        Assert.Equal(["start 1", "stop 1 SIGTERM 10"], host.Node.OrdersFor(_id));
    }

    [Fact]
    public async Task A_node_that_does_not_answer_holds_up_nobody_and_is_asked_again()
    {
        await RunningAsync(Given.Spec);
        var silence = new TaskCompletionSource();
        host.Node.Known = run => new RunReport { Run = run, Phase = RunPhase.Running, Node = Given.Node, At = DateTimeOffset.UtcNow };
        host.Node.Delay = id => id == _id ? silence.Task : Task.CompletedTask;

        await Grain.WakeAsync().WaitAsync(TimeSpan.FromSeconds(20));
        var stopping = await Grain.StopAsync().WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(InstanceStatus.Stopping, stopping.Instance!.Status);
        await UntilAsync("the stop to be given again", () => host.Node.OrdersFor(_id).Count(order => order.StartsWith("stop", StringComparison.Ordinal)) > 1);
        silence.SetResult();
        Assert.True(await Grain.ReportAsync(Report(RunPhase.Exited)));
        Assert.Equal(InstanceStatus.Stopped, (await GetAsync()).Status);
    }

    [Fact]
    public async Task A_node_that_did_not_say_how_a_run_is_is_asked_again()
    {
        await RunningAsync(Given.Spec);
        var asked = 0;
        host.Node.Known = run => run.InstanceId == _id && Interlocked.Increment(ref asked) == 1 ? throw new TimeoutException("The keeper is slow.") : null;

        await Grain.WakeAsync();

        Assert.Equal(InstanceStatus.Running, (await GetAsync()).Status);
        await UntilAsync("the run to be asked for again", async () => (await GetAsync()).Status == InstanceStatus.Failed);
    }

    [Fact]
    public async Task A_node_without_a_silo_gets_its_order_when_it_is_there_and_a_signal_to_it_fails_as_not_sent()
    {
        host.Node.Nodes = [Given.NodeNamed(GrainHost.UnreachableNode) with { Incarnation = 2 }];
        var starting = (await Grain.CreateAsync(Given.Spec, "me", start: true)).Instance!;
        await Grain.ReportAsync(Report(RunPhase.Running) with { Node = GrainHost.UnreachableNode });

        var error = await Record.ExceptionAsync(() => Grain.SignalAsync("SIGHUP"));

        Assert.Equal((InstanceStatus.Starting, GrainHost.UnreachableNode), (starting.Status, starting.Node));
        Assert.IsType<NodeUnreachableException>(error);
        Assert.Empty(host.Node.OrdersFor(_id));
    }

    [Fact]
    public async Task A_node_that_has_been_registered_anew_gets_the_next_epoch()
    {
        host.Node.Answer = (id, order) => id == _id && order == "start 1"
            ? new NodeReply(new Refusal(RefusalKind.Conflict, NodeReply.StaleIncarnation, "It is at 8."))
            : NodeReply.Accepted;

        var pending = (await Grain.CreateAsync(Given.Spec, "me", start: true)).Instance!;
        host.Node.Nodes = [Alpha with { Incarnation = 8 }];
        await Grain.WakeAsync();

        Assert.Equal(InstanceStatus.Pending, pending.Status);
        Assert.Equal(["start 1", "start 2"], host.Node.OrdersFor(_id));
        Assert.Equal([7, 8], host.Node.Starts.Where(start => start.Run.InstanceId == _id).Select(start => start.Incarnation));
    }

    [Fact]
    public async Task An_instance_is_moved_on_demand()
    {
        host.Node.Nodes = [Alpha, Beta];
        await RunningAsync(Moving with { Region = "elsewhere" });
        var from = (await GetAsync()).Node;

        Assert.Equal("stays", (await host.Instance(await CreateAsync(Given.Spec)).MoveAsync()).Refusal?.Code);
        Assert.Null((await Grain.MoveAsync()).Refusal);
        await Grain.ReportAsync(Report(RunPhase.Exited) with { Node = from! });

        var moved = await GetAsync();
        Assert.Equal((InstanceStatus.Starting, 2L), (moved.Status, moved.Epoch));
        Assert.NotEqual(from, moved.Node);
        Assert.Equal(["start 1", "stop 1 SIGTERM 10", "start 2"], host.Node.OrdersFor(_id));
    }

    [Theory]
    [InlineData(NodeStanding.Lost, false)]
    [InlineData(NodeStanding.Fenced, false)]
    [InlineData(NodeStanding.Removed, true)]
    public async Task What_a_lost_node_keeps_of_a_deleted_instance_is_removed_when_it_is_back_unless_it_never_comes(NodeStanding standing, bool isForgotten)
    {
        await RunningAsync(Given.Spec);
        await Grain.ReportAsync(Report(RunPhase.Exited));
        host.Node.Nodes = [Alpha with { Standing = standing }];

        await Grain.DeleteAsync();
        await Grain.WakeAsync();

        Assert.Equal(isForgotten, host.Storage.Stored(_id) is null);
        Assert.Equal(["start 1"], host.Node.OrdersFor(_id));
        host.Node.Nodes = [Alpha];
        await Grain.WakeAsync();
        Assert.Null(host.Storage.Stored(_id));
        Assert.Equal(isForgotten ? ["start 1"] : ["start 1", "remove"], host.Node.OrdersFor(_id));
    }

    [Fact]
    public async Task A_second_activation_that_wrote_first_ends_this_one_and_its_caller_may_ask_again()
    {
        await RunningAsync(Given.Spec);
        host.Storage.BeforeWrite = state =>
        {
            if (state.Snapshot!.Id == _id && state.Snapshot.Status == InstanceStatus.Stopping)
            {
                // What the other one stored: a name.
                host.Storage.BeforeWrite = _ => Task.CompletedTask;
                var other = host.Storage.Stored(_id)!;
                host.Storage.Plant(Grain.GetGrainId(), other with { Snapshot = other.Snapshot! with { Version = other.Snapshot.Version + 1, Spec = other.Snapshot.Spec with { Name = "other" } } });
            }

            return Task.CompletedTask;
        };

        await Assert.ThrowsAsync<Orleans.Storage.InconsistentStateException>(() => Grain.StopAsync());

        var instance = await GetAsync();
        Assert.Equal((InstanceStatus.Running, "other"), (instance.Status, instance.Spec.Name));
        Assert.Equal(["start 1"], host.Node.OrdersFor(_id));
        Assert.Equal(InstanceStatus.Stopping, (await Grain.StopAsync()).Instance!.Status);
    }

    private async Task<Guid> CreateAsync(InstanceSpec spec)
    {
        var id = Guid.NewGuid();
        await host.Instance(id).CreateAsync(spec, "me", start: true);
        return id;
    }

    private async Task RunningAsync(InstanceSpec spec)
    {
        var node = (await Grain.CreateAsync(spec, "me", start: true)).Instance!.Node!;
        await Grain.ReportAsync(Report(RunPhase.Running) with { Node = node });
    }

    private async Task<InstanceSnapshot> GetAsync() => (await Grain.GetAsync()).Instance!;

    private static (RefusalKind, string) Refused(InstanceReply reply) => (reply.Refusal!.Kind, reply.Refusal.Code);

    private RunReport Report(RunPhase phase) => new()
    {
        Run = new RunKey(_id, 1),
        Phase = phase,
        Node = Given.Node,
        At = DateTimeOffset.UtcNow,
    };

    private static Task UntilAsync(string what, Func<bool> holds) => UntilAsync(what, () => Task.FromResult(holds()));

    private static async Task UntilAsync(string what, Func<Task<bool>> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!await holds())
        {
            Assert.False(limit.IsCancellationRequested, $"Waited 20 s for {what}");
            await Task.Delay(10);
        }
    }
}
