using OrleansInstances.Grains.Instances;
using OrleansInstances.Grains.Tests.Instances;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Grains.Tests.Cluster;

/// <summary>The shell around the lifecycle, on a real silo of the engine that the build has.</summary>
public sealed class InstanceGrainTests(GrainHost host) : IClassFixture<GrainHost>
{
    private readonly Guid _id = Guid.NewGuid();

    private IInstanceGrain Grain => host.Instance(_id);

    [Fact]
    public async Task The_intent_is_stored_before_the_node_hears_of_it()
    {
        InstanceState? storedAtOrder = null;
        host.Node.Answer = (instance, _) =>
        {
            if (instance == _id)
            {
                storedAtOrder = host.Storage.Stored(_id);
            }

            return NodeReply.Accepted;
        };

        await Grain.CreateAsync(Given.Spec, "admin", start: true);

        Assert.Equal((InstanceStatus.Starting, 1L), (storedAtOrder!.Snapshot!.Status, storedAtOrder.Snapshot.Epoch));
        Assert.Equal(["start 1"], host.Node.OrdersFor(_id));
    }

    [Fact]
    public async Task A_start_is_meant_for_the_node_as_it_was_registered_then_and_counts_as_placed()
    {
        var limits = new InstanceLimits(MemoryMb: 64, Pids: _id.GetHashCode() & 0xffff);

        await Grain.CreateAsync(Given.Spec with { Limits = limits }, "admin", start: true);

        Assert.Equal(7, Assert.Single(host.Node.Starts, start => start.Run.InstanceId == _id).Incarnation);
        Assert.Equal(7, host.Storage.Stored(_id)!.Incarnation);
        await Grain.ReportAsync(Report(RunPhase.Running));
        Assert.Equal(Given.Node, Assert.Single(host.Node.Placements, placed => placed.Spec.Limits == limits).Node);
    }

    [Fact]
    public async Task A_write_that_fails_gives_no_order_and_leaves_what_was_stored()
    {
        await RunningAsync();
        host.Storage.BeforeWrite = state => state.Snapshot!.Id == _id ? throw new IOException("The disk is full.") : Task.CompletedTask;

        var error = await Assert.ThrowsAsync<OrleansException>(() => Grain.StopAsync());
        Assert.Contains("The disk is full.", error.Message, StringComparison.Ordinal);

        host.Storage.BeforeWrite = _ => Task.CompletedTask;
        Assert.Equal(InstanceStatus.Running, (await Grain.GetAsync()).Instance!.Status);
        Assert.Equal(["start 1"], host.Node.OrdersFor(_id));
        Assert.Equal(InstanceStatus.Stopping, (await Grain.StopAsync()).Instance!.Status);
    }

    [Fact]
    public async Task A_reader_sees_the_last_stored_state_while_a_write_is_under_way()
    {
        await RunningAsync();
        var release = new TaskCompletionSource();
        var reached = new TaskCompletionSource();
        host.Storage.BeforeWrite = state => HoldAsync(state, reached, release.Task);

        var stop = Grain.StopAsync();
        await reached.Task.WaitAsync(TimeSpan.FromSeconds(10));

        Assert.Equal(InstanceStatus.Running, (await Grain.GetAsync()).Instance!.Status);
        release.SetResult();
        Assert.Equal(InstanceStatus.Stopping, (await stop).Instance!.Status);
    }

    [Fact]
    public async Task Nobody_is_told_of_a_state_before_lists_and_events_have_it()
    {
        await RunningAsync();
        var running = (await Grain.GetAsync()).Instance!;
        var release = new TaskCompletionSource();
        var reached = new TaskCompletionSource();
        host.Catalog.BeforePublish = state => HoldAsync(state, reached, release.Task);

        var wait = Grain.WaitAsync(running.Version, TimeSpan.FromSeconds(20));
        var stop = Grain.StopAsync();
        await reached.Task.WaitAsync(TimeSpan.FromSeconds(60));

        Assert.Equal(InstanceStatus.Running, (await Grain.GetAsync()).Instance!.Status);
        Assert.False(wait.IsCompleted);
        release.SetResult();
        Assert.Equal(InstanceStatus.Stopping, (await wait).Instance!.Status);
        Assert.Equal(InstanceStatus.Stopping, (await stop).Instance!.Status);
    }

    [Fact]
    public async Task A_waiter_is_answered_by_the_next_version_and_not_before()
    {
        var starting = (await Grain.CreateAsync(Given.Spec, "admin", start: true)).Instance!;

        var wait = Grain.WaitAsync(starting.Version, TimeSpan.FromSeconds(20));
        Assert.False(wait.IsCompleted);
        await Grain.ReportAsync(Report(RunPhase.Running));

        Assert.Equal(InstanceStatus.Running, (await wait).Instance!.Status);
    }

    [Fact]
    public async Task A_waiter_is_answered_with_what_there_is_when_its_time_is_over()
    {
        var starting = (await Grain.CreateAsync(Given.Spec, "admin", start: true)).Instance!;

        var after = await Grain.WaitAsync(starting.Version, TimeSpan.FromMilliseconds(20));

        Assert.Equal(starting.Version, after.Instance!.Version);
    }

    [Fact]
    public async Task An_order_that_the_node_cannot_take_now_is_given_again()
    {
        var refusals = 0;
        host.Node.Answer = (instance, _) => instance == _id && Interlocked.Increment(ref refusals) == 1
            ? new NodeReply(new Refusal(RefusalKind.Unavailable, "keeper_away", "The keeper can't be reached."))
            : NodeReply.Accepted;

        await Grain.CreateAsync(Given.Spec, "admin", start: true);

        await UntilOrdersAre("start 1", "start 1");
    }

    [Fact]
    public async Task A_start_that_the_node_refuses_for_good_has_failed_with_its_reason()
    {
        host.Node.Answer = (instance, _) => instance == _id
            ? new NodeReply(new Refusal(RefusalKind.Conflict, "stale", "The node has passed this epoch."))
            : NodeReply.Accepted;

        var reply = await Grain.CreateAsync(Given.Spec, "admin", start: true);

        Assert.Equal((InstanceStatus.Failed, "The node has passed this epoch."), (reply.Instance!.Status, reply.Instance.Message));
    }

    [Fact]
    public async Task An_activation_that_finds_an_unfinished_start_gives_its_order_again()
    {
        var state = Given.State(InstanceStatus.Starting);
        host.Storage.Plant(Grain.GetGrainId(), state with { Snapshot = state.Snapshot! with { Id = _id } });

        await Grain.GetAsync();

        await UntilOrdersAre("start 2");
    }

    [Fact]
    public async Task A_run_that_its_node_knows_nothing_of_has_ended_with_an_unknown_code()
    {
        await RunningAsync();

        await Grain.WakeAsync();

        var instance = (await Grain.GetAsync()).Instance!;
        Assert.Equal((InstanceStatus.Failed, null), (instance.Status, instance.ExitCode));
        Assert.Equal(["start 1", "inspect 1"], host.Node.OrdersFor(_id));
    }

    [Fact]
    public async Task A_run_of_an_instance_that_is_not_there_is_killed_on_its_node()
    {
        Assert.True(await Grain.ReportAsync(Report(RunPhase.Running)));

        Assert.Equal(["stop 1 SIGKILL 0"], host.Node.OrdersFor(_id));
    }

    [Theory]
    [InlineData(RunPhase.Running)]
    [InlineData(RunPhase.Exited)]
    public async Task A_report_is_kept_by_its_node_until_that_can_end_what_it_is_told_to(RunPhase phase)
    {
        var isBusy = true;
        host.Node.Answer = (instance, _) => instance == _id && isBusy ? new NodeReply(new Refusal(RefusalKind.Unavailable, "too_many_orders", "32 orders to this instance are under way.")) : NodeReply.Accepted;

        Assert.False(await Grain.ReportAsync(Report(phase)));
        isBusy = false;
        Assert.True(await Grain.ReportAsync(Report(phase)));
    }

    [Fact]
    public async Task A_run_of_an_epoch_that_is_over_is_killed_on_its_node()
    {
        await RunningAsync();
        await Grain.RestartAsync();
        await Grain.ReportAsync(Report(RunPhase.Exited));

        Assert.True(await Grain.ReportAsync(Report(RunPhase.Running)));

        Assert.Equal(["start 1", "stop 1 SIGTERM 10", "start 2", "stop 1 SIGKILL 0"], host.Node.OrdersFor(_id));
    }

    [Fact]
    public async Task A_run_that_comes_up_after_its_start_was_told_to_have_failed_is_killed()
    {
        await Grain.CreateAsync(Given.Spec, "admin", start: true);
        await Grain.ReportAsync(Report(RunPhase.StartFailed));

        Assert.True(await Grain.ReportAsync(Report(RunPhase.Running)));

        Assert.Equal(["start 1", "stop 1 SIGKILL 0"], host.Node.OrdersFor(_id));
    }

    [Fact]
    public async Task A_report_of_an_epoch_that_another_activation_stored_is_taken_and_not_thrown_away()
    {
        await RunningAsync();
        var stored = host.Storage.Stored(_id)!;
        host.Storage.Plant(Grain.GetGrainId(), stored with { Snapshot = stored.Snapshot! with { Epoch = 2 } });

        Assert.True(await Grain.ReportAsync(Report(RunPhase.Exited, exitCode: 7) with { Run = new RunKey(_id, 2) }));

        var instance = (await Grain.GetAsync()).Instance!;
        Assert.Equal((2, InstanceStatus.Failed, 7), (instance.Epoch, instance.Status, instance.ExitCode));
    }

    [Fact]
    public async Task A_run_of_an_instance_that_another_activation_made_is_not_killed()
    {
        Assert.Equal(RefusalKind.NotFound, (await Grain.GetAsync()).Refusal!.Kind);
        var state = Given.State(InstanceStatus.Starting);
        host.Storage.Plant(Grain.GetGrainId(), state with { Snapshot = state.Snapshot! with { Id = _id, Epoch = 1 } });

        Assert.True(await Grain.ReportAsync(Report(RunPhase.Running)));

        Assert.Equal(InstanceStatus.Running, (await Grain.GetAsync()).Instance!.Status);
        Assert.Empty(host.Node.OrdersFor(_id));
    }

    [Fact]
    public async Task The_events_of_a_deletion_are_published_before_its_state_goes()
    {
        await RunningAsync();
        var failures = 0;
        host.Catalog.BeforePublish = state =>
            state.Snapshot is { Status: InstanceStatus.Deleted } deleted && deleted.Id == _id && Interlocked.Increment(ref failures) < 3
                ? throw new IOException("The catalog is away.")
                : Task.CompletedTask;
        await Grain.DeleteAsync();

        await Grain.ReportAsync(Report(RunPhase.Exited));

        await UntilAsync("the state to be gone", () => host.Storage.Stored(_id) is null);
        Assert.Equal(["exited", "deleted"], host.Catalog.EventsOf(_id).TakeLast(2));
    }

    [Fact]
    public async Task A_removal_that_the_node_refuses_is_asked_again()
    {
        var refusals = 0;
        await RunningAsync();
        host.Node.Answer = (instance, order) => instance == _id && order == "remove" && Interlocked.Increment(ref refusals) == 1
            ? new NodeReply(new Refusal(RefusalKind.Conflict, "running", "The instance still runs."))
            : NodeReply.Accepted;
        await Grain.DeleteAsync();

        await Grain.ReportAsync(Report(RunPhase.Exited));

        await UntilOrdersAre("start 1", "stop 1 SIGTERM 10", "remove", "remove");
    }

    [Fact]
    public async Task A_waiter_does_not_hold_up_the_recovery_from_a_failed_write()
    {
        await RunningAsync();
        var version = (await Grain.GetAsync()).Instance!.Version;
        var wait = Grain.WaitAsync(version, TimeSpan.FromSeconds(25));
        host.Storage.BeforeWrite = state => state.Snapshot!.Id == _id ? throw new IOException("The disk is full.") : Task.CompletedTask;

        await Assert.ThrowsAsync<OrleansException>(() => Grain.StopAsync());
        host.Storage.BeforeWrite = _ => Task.CompletedTask;

        Assert.Equal(version, (await wait.WaitAsync(TimeSpan.FromSeconds(5))).Instance!.Version);
        Assert.Equal(InstanceStatus.Stopping, (await Grain.StopAsync().WaitAsync(TimeSpan.FromSeconds(5))).Instance!.Status);
    }

    [Fact]
    public async Task A_deleted_instance_leaves_neither_state_nor_files()
    {
        await RunningAsync();
        await Grain.DeleteAsync();

        await Grain.ReportAsync(Report(RunPhase.Exited));

        Assert.Equal(RefusalKind.NotFound, (await Grain.GetAsync()).Refusal!.Kind);
        Assert.Equal(["start 1", "stop 1 SIGTERM 10", "remove"], host.Node.OrdersFor(_id));
        Assert.Null(host.Storage.Stored(_id));
        Assert.Equal(["created", "scheduled", "starting", "started", "stopping", "exited", "deleted"], host.Catalog.EventsOf(_id));
    }

    [Fact]
    public async Task A_deleted_instance_that_never_ran_leaves_no_state_either()
    {
        await Grain.CreateAsync(Given.Spec, "admin", start: false);

        await Grain.DeleteAsync();

        Assert.Null(host.Storage.Stored(_id));
        Assert.Empty(host.Node.OrdersFor(_id));
    }

    [Fact]
    public async Task A_stored_command_is_carried_out_while_the_catalog_fails_which_catches_up_later()
    {
        await RunningAsync();
        var failures = 0;
        host.Catalog.BeforePublish = state =>
            state.Snapshot!.Id == _id && Interlocked.Increment(ref failures) == 1
                ? throw new IOException("The catalog is away.")
                : Task.CompletedTask;

        var reply = await Grain.StopAsync();

        Assert.Equal(InstanceStatus.Stopping, reply.Instance!.Status);
        Assert.Equal("stop 1 SIGTERM 10", host.Node.OrdersFor(_id)[1]);
        await UntilAsync("the event to be published", () => host.Catalog.EventsOf(_id).Contains("stopping"));
        Assert.Single(host.Catalog.EventsOf(_id), type => type == "stopping");
    }

    [Fact]
    public async Task A_start_that_is_stored_is_no_fault_of_its_caller_when_its_refusal_cannot_be()
    {
        host.Node.Answer = (instance, _) => instance == _id
            ? new NodeReply(new Refusal(RefusalKind.Conflict, "stale", "The node has passed this epoch."))
            : NodeReply.Accepted;
        host.Storage.BeforeWrite = state => state.Snapshot!.Id == _id && state.Snapshot.Status == InstanceStatus.Failed
            ? throw new IOException("The disk is full.")
            : Task.CompletedTask;

        var reply = await Grain.CreateAsync(Given.Spec, "admin", start: true);

        Assert.Equal(InstanceStatus.Starting, reply.Instance!.Status);
        host.Storage.BeforeWrite = _ => Task.CompletedTask;
        await UntilAsync("the failure to be stored", async () => (await Grain.GetAsync()).Instance!.Status == InstanceStatus.Failed);
    }

    [Fact]
    public async Task A_state_that_cannot_be_removed_now_is_removed_when_it_is_woken()
    {
        var failures = 0;
        host.Storage.BeforeClear = grain =>
        {
            if (grain == Grain.GetGrainId() && Interlocked.Increment(ref failures) == 1)
            {
                throw new IOException("The disk is full.");
            }
        };
        await Grain.CreateAsync(Given.Spec, "admin", start: false);

        Assert.Equal(RefusalKind.NotFound, (await Grain.DeleteAsync()).Refusal!.Kind);

        await UntilAsync("the state to be gone once it is woken", async () =>
        {
            await Grain.WakeAsync();
            return host.Storage.Stored(_id) is null;
        });
    }

    [Fact]
    public async Task A_spec_that_makes_no_sense_is_refused_and_nothing_is_stored()
    {
        var reply = await Grain.CreateAsync(Given.Spec with { Command = [] }, "admin", start: true);

        Assert.Equal(RefusalKind.Invalid, reply.Refusal!.Kind);
        Assert.Null(host.Storage.Stored(_id));
    }

    [Fact]
    public async Task A_backoff_ends_by_itself()
    {
        var spec = Given.Spec with { Restart = new RestartSpec(RestartPolicy.Always, BackoffSeconds: 0.01) };
        await RunningAsync(spec);

        await Grain.ReportAsync(Report(RunPhase.Exited, exitCode: 1));

        await UntilOrdersAre("start 1", "start 2");
    }

    private async Task RunningAsync(InstanceSpec? spec = null)
    {
        await Grain.CreateAsync(spec ?? Given.Spec, "admin", start: true);
        await Grain.ReportAsync(Report(RunPhase.Running));
    }

    /// <summary>Says that this instance's state has come here, and keeps it.</summary>
    private async Task HoldAsync(ICatalogedState state, TaskCompletionSource reached, Task release)
    {
        if (state.Snapshot!.Id == _id)
        {
            reached.TrySetResult();
            await release;
        }
    }

    private RunReport Report(RunPhase phase, int? exitCode = null) => new()
    {
        Run = new RunKey(_id, 1),
        Phase = phase,
        Node = Given.Node,
        At = DateTimeOffset.UtcNow,
        ExitCode = exitCode,
    };

    private Task UntilOrdersAre(params string[] expected) => UntilAsync(
        $"orders {string.Join(", ", expected)}", () => host.Node.OrdersFor(_id).SequenceEqual(expected));

    private Task UntilAsync(string what, Func<bool> holds) => UntilAsync(what, () => Task.FromResult(holds()));

    private async Task UntilAsync(string what, Func<Task<bool>> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!await holds())
        {
            Assert.False(limit.IsCancellationRequested, $"Waited 20 s for {what}; the node got {string.Join(", ", host.Node.OrdersFor(_id))}");
            await Task.Delay(10);
        }
    }
}
