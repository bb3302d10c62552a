using OrleansInstances.Grains.Instances;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;
using static OrleansInstances.Grains.Tests.Instances.Given;

namespace OrleansInstances.Grains.Tests.Instances;

public sealed class InstanceLifecycleTests
{
    [Fact]
    public void A_created_instance_that_starts_stores_its_first_epoch_before_anything_runs()
    {
        var transition = InstanceLifecycle.Apply(new InstanceState(), new InstanceInput.Create(Id, 1, Spec, "admin", StartNow: true), Context());

        var instance = transition.State.Snapshot!;
        Assert.Equal((InstanceStatus.Starting, 1L, Node), (instance.Status, instance.Epoch, instance.Node));
        Assert.Equal(["created", "scheduled", "starting"], EventsOf(transition));
        Assert.Equal(new RunKey(Id, 1), Assert.IsType<InstanceOrder.Start>(InstanceOrder.Of(transition.State)).Run.Run);
    }

    [Fact]
    public void A_created_instance_that_does_not_start_is_stopped()
    {
        var transition = InstanceLifecycle.Apply(new InstanceState(), new InstanceInput.Create(Id, 1, Spec, "admin", StartNow: false), Context());

        Assert.Equal(InstanceStatus.Stopped, transition.State.Snapshot!.Status);
        Assert.Equal(0, transition.State.Snapshot.Epoch);
        Assert.Equal(["created"], EventsOf(transition));
        Assert.Equal("admin", transition.State.Outbox[0].Metadata[InstanceLifecycle.OwnerKey]);
    }

    [Fact]
    public void What_is_retained_is_removed_when_its_time_is_over()
    {
        var state = State(InstanceStatus.Stopped);
        var retained = state with { Snapshot = state.Snapshot! with { Spec = Spec with { Console = new ConsoleSpec(RetainSeconds: 60) } } };

        var deleted = InstanceLifecycle.Apply(retained, new InstanceInput.Delete(), Context()).State;
        var early = InstanceLifecycle.Apply(deleted, new InstanceInput.Due(), Context(Now.AddSeconds(59))).State;
        var late = InstanceLifecycle.Apply(deleted, new InstanceInput.Due(), Context(Now.AddSeconds(60))).State;

        Assert.Equal((InstanceStatus.Deleted, Now.AddSeconds(60)), (deleted.Snapshot!.Status, deleted.Snapshot.DueAt));
        Assert.Null(InstanceOrder.Of(deleted));
        Assert.Same(deleted, early);
        Assert.IsType<InstanceOrder.Remove>(InstanceOrder.Of(late));
    }

    [Fact]
    public void A_second_create_changes_nothing()
    {
        var state = State(InstanceStatus.Running);

        var transition = InstanceLifecycle.Apply(state, new InstanceInput.Create(Id, 9, Spec, "other", true), Context());

        Assert.Same(state, transition.State);
        Assert.Null(transition.Refusal);
    }

    [Fact]
    public void A_region_that_nobody_serves_leaves_it_pending_with_the_reason()
    {
        var spec = Spec with { Region = "mars" };

        var transition = InstanceLifecycle.Apply(new InstanceState(), new InstanceInput.Create(Id, 1, spec, "admin", true), Context(null, NodeNamed("alpha", "earth")));

        var instance = transition.State.Snapshot!;
        Assert.Equal((InstanceStatus.Pending, 0L, false), (instance.Status, instance.Epoch, instance.Busy));
        Assert.Equal("No node serves region \"mars\".", instance.Message);
        Assert.Null(InstanceOrder.Of(transition.State));
    }

    [Fact]
    public void A_pending_instance_starts_when_a_node_appears()
    {
        var pending = State(InstanceStatus.Pending);

        var transition = InstanceLifecycle.Apply(pending, new InstanceInput.Due(), Context());

        Assert.Equal(InstanceStatus.Starting, transition.State.Snapshot!.Status);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_report_of_another_epoch_changes_nothing(long epoch)
    {
        var state = State(InstanceStatus.Running);

        var transition = InstanceLifecycle.Apply(state, Reported(RunPhase.Exited, epoch, exitCode: 1), Context());

        Assert.Same(state, transition.State);
    }

    [Fact]
    public void A_restart_takes_a_new_epoch_only_after_the_old_one_ended()
    {
        var stopping = InstanceLifecycle.Apply(State(InstanceStatus.Running), new InstanceInput.Restart(), Context());
        Assert.Equal(2, stopping.State.Snapshot!.Epoch);

        var starting = InstanceLifecycle.Apply(stopping.State, Reported(RunPhase.Exited, exitCode: 0), Context());

        Assert.Equal((InstanceStatus.Starting, 3L, (int?)null), (starting.State.Snapshot!.Status, starting.State.Snapshot.Epoch, starting.State.Snapshot.ExitCode));
        Assert.Equal(["stopping", "exited", "starting"], EventsOf(starting));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_stop_or_kill_during_a_restart_means_stop(bool kill)
    {
        InstanceInput request = kill ? new InstanceInput.Kill() : new InstanceInput.Stop();
        var stopping = InstanceLifecycle.Apply(State(InstanceStatus.Stopping, InstanceGoal.Restart), request, Context());

        var ended = InstanceLifecycle.Apply(stopping.State, Reported(RunPhase.Exited, exitCode: 0), Context());

        Assert.Equal(InstanceStatus.Stopped, ended.State.Snapshot!.Status);
    }

    [Fact]
    public void A_change_of_how_to_stop_counts_from_the_next_start_on()
    {
        var begun = InstanceLifecycle.Apply(State(InstanceStatus.Stopped), new InstanceInput.Start(), Context()).State;
        var running = InstanceLifecycle.Apply(begun, Reported(RunPhase.Running, begun.Snapshot!.Epoch), Context()).State;
        var changed = InstanceLifecycle.Apply(running, new InstanceInput.Update(new InstancePatch { Stop = new StopSpec("SIGINT", 1) }), Context()).State;

        var stopping = InstanceLifecycle.Apply(changed, new InstanceInput.Stop(), Context()).State;

        Assert.Equal("SIGTERM", Assert.IsType<InstanceOrder.Stop>(InstanceOrder.Of(stopping)).Signal);
    }

    [Fact]
    public void A_requested_stop_ends_stopped_whatever_the_exit_code_and_marks_the_console()
    {
        var transition = InstanceLifecycle.Apply(State(InstanceStatus.Stopping), Reported(RunPhase.Exited, exitCode: 143, signal: "SIGTERM"), Context());

        var instance = transition.State.Snapshot!;
        Assert.Equal((InstanceStatus.Stopped, 143, "SIGTERM", 77L), (instance.Status, instance.ExitCode, instance.Signal, instance.ConsoleMark));
        Assert.Equal(["exited", "stopped"], EventsOf(transition));
    }

    [Fact]
    public void An_exit_that_the_node_was_asked_for_is_a_stop()
    {
        var transition = InstanceLifecycle.Apply(State(InstanceStatus.Running), Reported(RunPhase.Exited, exitCode: 143, signal: "SIGTERM", stopRequested: true), Context());

        Assert.Equal(InstanceStatus.Stopped, transition.State.Snapshot!.Status);
    }

    [Fact]
    public void An_unknown_exit_code_is_a_failure_and_not_invented()
    {
        var transition = InstanceLifecycle.Apply(State(InstanceStatus.Running), Reported(RunPhase.Exited), Context());

        Assert.Equal((InstanceStatus.Failed, null), (transition.State.Snapshot!.Status, transition.State.Snapshot.ExitCode));
    }

    [Fact]
    public void Kill_during_a_stop_turns_the_order_into_SIGKILL_at_once()
    {
        var transition = InstanceLifecycle.Apply(State(InstanceStatus.Stopping), new InstanceInput.Kill(), Context());

        var order = Assert.IsType<InstanceOrder.Stop>(InstanceOrder.Of(transition.State));
        Assert.Equal(("SIGKILL", TimeSpan.Zero), (order.Signal, order.Timeout));
    }

    [Theory]
    [InlineData(RestartPolicy.Never, 0, InstanceStatus.Stopped)]
    [InlineData(RestartPolicy.Never, 1, InstanceStatus.Failed)]
    [InlineData(RestartPolicy.OnFailure, 0, InstanceStatus.Stopped)]
    [InlineData(RestartPolicy.OnFailure, 1, InstanceStatus.Backoff)]
    [InlineData(RestartPolicy.Always, 0, InstanceStatus.Backoff)]
    [InlineData(RestartPolicy.Always, 1, InstanceStatus.Backoff)]
    public void The_restart_policy_decides_what_follows_an_exit(RestartPolicy policy, int exitCode, InstanceStatus expected)
    {
        var state = State(InstanceStatus.Running, spec: Spec with { Restart = new RestartSpec(policy) });

        var transition = InstanceLifecycle.Apply(state, Reported(RunPhase.Exited, exitCode: exitCode), Context());

        Assert.Equal(expected, transition.State.Snapshot!.Status);
    }

    [Fact]
    public void Backoff_doubles_up_to_its_cap_and_ends_when_attempts_are_used_up()
    {
        var spec = Spec with { Restart = new RestartSpec(RestartPolicy.Always, BackoffSeconds: 1, MaxBackoffSeconds: 3, MaxAttempts: 3) };
        var state = State(InstanceStatus.Running, spec: spec);
        var delays = new List<double>();
        var now = Now;

        for (var attempt = 0; attempt < 3; attempt++)
        {
            state = InstanceLifecycle.Apply(state, Reported(RunPhase.Exited, state.Snapshot!.Epoch, exitCode: 1), Context(now)).State;
            delays.Add((state.Snapshot!.DueAt!.Value - now).TotalSeconds);
            now = state.Snapshot.DueAt.Value;
            state = InstanceLifecycle.Apply(state, new InstanceInput.Due(), Context(now)).State;
            Assert.Equal(InstanceStatus.Starting, state.Snapshot!.Status);
            state = InstanceLifecycle.Apply(state, Reported(RunPhase.Running, state.Snapshot.Epoch), Context(now)).State;
        }

        var last = InstanceLifecycle.Apply(state, Reported(RunPhase.Exited, state.Snapshot!.Epoch, exitCode: 1), Context(now));

        Assert.Equal([1, 2, 3], delays);
        Assert.Equal(InstanceStatus.Failed, last.State.Snapshot!.Status);
    }

    [Fact]
    public void A_long_enough_run_makes_the_next_failure_the_first_again()
    {
        var spec = Spec with { Restart = new RestartSpec(RestartPolicy.Always, ResetAfterSeconds: 60, MaxAttempts: 1) };
        var state = State(InstanceStatus.Running, spec: spec) with { Attempts = 1 };

        var transition = InstanceLifecycle.Apply(state, Reported(RunPhase.Exited, exitCode: 1, afterSeconds: 60), Context());

        Assert.Equal((InstanceStatus.Backoff, 1), (transition.State.Snapshot!.Status, transition.State.Attempts));
    }

    [Fact]
    public void A_backoff_is_not_cut_short_by_a_wake_up_before_its_time()
    {
        var state = State(InstanceStatus.Backoff);

        var transition = InstanceLifecycle.Apply(state, new InstanceInput.Due(), Context(Now.AddSeconds(-1)));

        Assert.Same(state, transition.State);
    }

    [Fact]
    public void A_change_of_name_and_labels_is_a_new_version_and_touches_nothing_else()
    {
        var patch = new InstancePatch { Name = "new" };

        var transition = InstanceLifecycle.Apply(State(InstanceStatus.Running), new InstanceInput.Update(patch), Context());

        var instance = transition.State.Snapshot!;
        Assert.Equal(("new", 6L, InstanceStatus.Running, 2L), (instance.Spec.Name, instance.Version, instance.Status, instance.Epoch));
        Assert.Equal(Spec.Command, instance.Spec.Command);
    }

    [Fact]
    public void An_instance_without_room_that_never_ran_may_go_to_another_node()
    {
        var first = InstanceLifecycle.Apply(new InstanceState(), new InstanceInput.Create(Id, 1, Spec, "admin", true), Context());

        var transition = InstanceLifecycle.Apply(first.State, Reported(RunPhase.NoRoom, epoch: 1), Context());

        Assert.Equal((InstanceStatus.Pending, null), (transition.State.Snapshot!.Status, transition.State.Snapshot.Node));
    }

    [Fact]
    public void A_start_that_its_node_closed_before_anything_ran_is_no_stop_that_someone_asked_for()
    {
        var closed = InstanceLifecycle.Apply(State(InstanceStatus.Starting), Reported(RunPhase.Exited, stopRequested: true), Context());

        Assert.Equal(InstanceStatus.Pending, closed.State.Snapshot!.Status);
    }

    [Fact]
    public void One_adoption_is_one_event_however_often_it_is_told()
    {
        var (first, second) = (Guid.NewGuid(), Guid.NewGuid());
        var state = State(InstanceStatus.Running);
        foreach (var adopter in new[] { first, first, second, second })
        {
            state = InstanceLifecycle.Apply(state, Reported(RunPhase.Running, adopted: true, adoptedBy: adopter), Context()).State;
        }

        Assert.Equal(["adopted", "adopted"], state.Outbox.Select(happened => happened.Type));
    }

    [Fact]
    public void What_the_checks_say_is_told_once_and_starts_anew_with_every_epoch()
    {
        var state = State(InstanceStatus.Running, spec: Spec with { Health = new HealthSpec { TcpPort = 80 } });
        foreach (var health in new[] { InstanceHealth.Unknown, InstanceHealth.Healthy, InstanceHealth.Healthy, InstanceHealth.Unhealthy, InstanceHealth.Unhealthy, InstanceHealth.Unknown })
        {
            state = InstanceLifecycle.Apply(state, Reported(RunPhase.Running, health: health), Context()).State;
        }

        Assert.Equal(["healthy", "unhealthy"], state.Outbox.Select(happened => happened.Type));
        Assert.Equal((InstanceStatus.Running, InstanceHealth.Unhealthy, "Unhealthy: Connection refused."), (state.Snapshot!.Status, state.Snapshot.Health, state.Snapshot.Message));

        state = InstanceLifecycle.Apply(state, new InstanceInput.Restart(), Context()).State;
        state = InstanceLifecycle.Apply(state, Reported(RunPhase.Exited, exitCode: 0), Context()).State;

        Assert.Equal((InstanceStatus.Starting, InstanceHealth.Unknown), (state.Snapshot!.Status, state.Snapshot.Health));
    }

    [Fact]
    public void An_unhealthy_instance_that_is_to_be_restarted_is_stopped_and_tried_again_with_backoff_whatever_its_policy()
    {
        var spec = Spec with { Health = new HealthSpec { TcpPort = 80, Restart = true }, Restart = new RestartSpec(RestartPolicy.Never, BackoffSeconds: 4) };

        var stopping = InstanceLifecycle.Apply(State(InstanceStatus.Running, spec: spec), Reported(RunPhase.Running, health: InstanceHealth.Unhealthy), Context());
        var ended = InstanceLifecycle.Apply(stopping.State, Reported(RunPhase.Exited, exitCode: 0, stopRequested: true), Context());
        var again = InstanceLifecycle.Apply(ended.State, new InstanceInput.Due(), Context(Now.AddSeconds(4)));

        Assert.IsType<InstanceOrder.Stop>(InstanceOrder.Of(stopping.State));
        Assert.Equal((InstanceStatus.Backoff, Now.AddSeconds(4), 1), (ended.State.Snapshot!.Status, ended.State.Snapshot.DueAt, ended.State.Attempts));
        Assert.StartsWith("It was unhealthy.", ended.State.Snapshot.Message, StringComparison.Ordinal);
        Assert.Equal((InstanceStatus.Starting, 3L), (again.State.Snapshot!.Status, again.State.Snapshot.Epoch));
        Assert.Equal(["unhealthy", "stopping", "exited", "backoff", "restarted"], EventsOf(again));
    }

    [Fact]
    public void A_stop_that_is_asked_for_while_it_is_healed_stops_it_for_good()
    {
        foreach (var asked in new InstanceInput[] { new InstanceInput.Stop(), new InstanceInput.Kill() })
        {
            var asking = InstanceLifecycle.Apply(State(InstanceStatus.Stopping, InstanceGoal.Heal), asked, Context());

            var ended = InstanceLifecycle.Apply(asking.State, Reported(RunPhase.Exited, exitCode: 0), Context());

            Assert.Equal((InstanceStatus.Stopped, null), (ended.State.Snapshot!.Status, ended.State.Snapshot.DueAt));
        }
    }

    [Fact]
    public void What_an_earlier_epoch_was_found_to_be_says_nothing()
    {
        var state = State(InstanceStatus.Running);

        Assert.Same(state, InstanceLifecycle.Apply(state, Reported(RunPhase.Running, epoch: 1, health: InstanceHealth.Unhealthy), Context()).State);
    }

    [Fact]
    public void An_instance_whose_dependency_is_missing_waits_with_the_reason_and_no_epoch_begins()
    {
        var waits = Context() with { WaitsFor = "Waits for another." };

        foreach (var (from, asked) in new (InstanceStatus, InstanceInput)[]
        {
            (InstanceStatus.Stopped, new InstanceInput.Start()), (InstanceStatus.Backoff, new InstanceInput.Due()), (InstanceStatus.Failed, new InstanceInput.Restart()),
        })
        {
            var pending = InstanceLifecycle.Apply(State(from), asked, waits);

            Assert.Equal((InstanceStatus.Pending, 2L, "Waits for another."), (pending.State.Snapshot!.Status, pending.State.Snapshot.Epoch, pending.State.Snapshot.Message));
            Assert.Null(InstanceOrder.Of(pending.State));
            Assert.Same(pending.State, InstanceLifecycle.Apply(pending.State, new InstanceInput.Due(), waits).State);
            Assert.Equal(InstanceStatus.Starting, InstanceLifecycle.Apply(pending.State, new InstanceInput.Due(), Context()).State.Snapshot!.Status);
        }
    }

    [Fact]
    public void A_patch_with_a_health_check_of_no_kind_takes_the_checks_away()
    {
        var state = State(InstanceStatus.Stopped, spec: Spec with { Health = new HealthSpec { TcpPort = 80 } });

        var kept = InstanceLifecycle.Apply(state, new InstanceInput.Update(new InstancePatch { Name = "x" }), Context());
        var removed = InstanceLifecycle.Apply(state, new InstanceInput.Update(new InstancePatch { Health = new HealthSpec() }), Context());

        Assert.Equal(80, kept.State.Snapshot!.Spec.Health!.TcpPort);
        Assert.Null(removed.State.Snapshot!.Spec.Health);
    }

    [Fact]
    public void An_end_at_the_memory_limit_is_told_as_such()
    {
        var report = ((InstanceInput.Reported)Reported(RunPhase.Exited, exitCode: 137, signal: "SIGKILL")).Report with { OutOfMemory = true };

        var ended = InstanceLifecycle.Apply(State(InstanceStatus.Running, spec: Spec with { Limits = new InstanceLimits(64) }), new InstanceInput.Reported(report), Context());

        Assert.Equal(["oom", "exited", "failed"], EventsOf(ended));
        Assert.Equal((InstanceStatus.Failed, "Out of memory at its limit of 64 MiB. Ended by SIGKILL."), (ended.State.Snapshot!.Status, ended.State.Snapshot.Message));
    }

    [Fact]
    public void What_a_run_did_has_the_time_at_which_it_did_so_however_late_it_is_told()
    {
        var told = Context(Now.AddHours(2));

        var started = InstanceLifecycle.Apply(State(InstanceStatus.Starting), Reported(RunPhase.Running, afterSeconds: 1), told).State;
        var ended = InstanceLifecycle.Apply(started with { Outbox = [] }, Reported(RunPhase.Exited, exitCode: 3, afterSeconds: 5), told).State;

        Assert.Equal(Now.AddSeconds(1), Assert.Single(started.Outbox).At);
        Assert.Equal(
            [(InstanceEventTypes.Exited, Now.AddSeconds(5)), (InstanceEventTypes.Failed, Now.AddHours(2))],
            ended.Outbox.Select(happened => (happened.Type, happened.At)));
    }

    [Fact]
    public void What_is_enforced_is_a_matter_of_the_run()
    {
        var enforced = new LimitsEnforced(true, null, false, "The pids limit can't be enforced.");
        var report = ((InstanceInput.Reported)Reported(RunPhase.Running)).Report with { Enforced = enforced };

        var running = InstanceLifecycle.Apply(State(InstanceStatus.Starting), new InstanceInput.Reported(report), Context()).State;
        var ended = InstanceLifecycle.Apply(running, Reported(RunPhase.Exited, exitCode: 0), Context()).State;
        var again = InstanceLifecycle.Apply(ended, new InstanceInput.Start(), Context()).State;

        Assert.Equal((enforced, enforced, null), (running.Snapshot!.Enforced, ended.Snapshot!.Enforced, again.Snapshot!.Enforced));
    }
}
