using OrleansInstances.Grains.Instances;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;
using static OrleansInstances.Grains.Tests.Instances.Given;

namespace OrleansInstances.Grains.Tests.Instances;

/// <summary>An instance in registration 5 of node alpha, which is lost, returns or is fenced, while beta is there.</summary>
public sealed class NodeLossTests
{
    private static readonly NodeSnapshot Alpha = NodeNamed(Node) with { Incarnation = 5, Since = 2 };
    private static readonly NodeSnapshot Beta = NodeNamed("beta") with { Incarnation = 3, Since = 3 };

    private static readonly LifecycleContext Well = Context(null, Alpha, Beta);
    private static readonly LifecycleContext AlphaLost = Context(null, Alpha with { Standing = NodeStanding.Lost }, Beta);
    private static readonly LifecycleContext AlphaFenced = Context(null, Alpha with { Standing = NodeStanding.Fenced }, Beta);

    [Fact]
    public void A_loss_is_told_once_with_what_it_waits_for_and_asks_nothing_of_any_node()
    {
        var moving = Lost(On(InstanceStatus.Running, NodeLossPolicy.Move));
        var waiting = Lost(On(InstanceStatus.Running, NodeLossPolicy.Wait));

        Assert.Equal((InstanceStatus.Lost, "Node alpha is lost; it goes on elsewhere once that is fenced.", false), (moving.Snapshot!.Status, moving.Snapshot.Message, moving.Snapshot.Busy));
        Assert.Equal("Node alpha is lost; it waits for its return.", waiting.Snapshot!.Message);
        Assert.Equal(["lost"], Events(moving));
        Assert.Null(InstanceOrder.Of(moving));
        Assert.Same(moving, InstanceLifecycle.Apply(moving, new InstanceInput.Due(), AlphaLost).State);
    }

    [Theory]
    [InlineData(InstanceStatus.Starting, InstanceGoal.None)]
    [InlineData(InstanceStatus.Pausing, InstanceGoal.None)]
    [InlineData(InstanceStatus.Paused, InstanceGoal.None)]
    [InlineData(InstanceStatus.Paused, InstanceGoal.Resume)]
    [InlineData(InstanceStatus.Stopping, InstanceGoal.Restart)]
    public void What_was_under_way_goes_on_when_the_node_returns(InstanceStatus status, InstanceGoal goal)
    {
        var before = On(status, NodeLossPolicy.Wait, goal);
        var lost = Lost(before);

        var back = Apply(lost, new InstanceInput.Due(), Well);

        Assert.Equal(before.Snapshot!.Busy, lost.Snapshot!.Busy);
        Assert.Equal((status, goal, before.Snapshot.Busy, null), (back.Snapshot!.Status, back.Goal, back.Snapshot.Busy, back.LostFrom));
        Assert.Equal(InstanceOrder.Of(before), InstanceOrder.Of(back));
    }

    [Fact]
    public void A_report_of_what_runs_there_ends_the_loss_too()
    {
        var back = Apply(Lost(On(InstanceStatus.Running, NodeLossPolicy.Wait)), Reported(RunPhase.Running, adopted: true, adoptedBy: Guid.NewGuid()), AlphaLost);

        Assert.Equal((InstanceStatus.Running, null), (back.Snapshot!.Status, back.Snapshot.Message));
        Assert.Equal(["lost", "adopted"], Events(back));
    }

    [Fact]
    public void What_may_move_goes_on_elsewhere_after_the_fence_at_once_and_that_is_no_failure()
    {
        var spec = Spec with { OnNodeLoss = NodeLossPolicy.Move, Restart = new RestartSpec(RestartPolicy.Never) };
        var lost = Lost(State(InstanceStatus.Running, spec: spec) with { Incarnation = 5, Attempts = 2, ExternalId = "1/2/3" });

        var moved = Apply(lost, new InstanceInput.Due(), AlphaFenced);

        Assert.Equal((InstanceStatus.Starting, 3L, "beta", 2), (moved.Snapshot!.Status, moved.Snapshot.Epoch, moved.Snapshot.Node, moved.Attempts));
        Assert.Equal(["lost", "fenced", "scheduled", "moved"], Events(moved));
        Assert.Equal([("epoch", "3"), ("from", "alpha"), ("node", "beta"), ("to", "beta")], moved.Outbox[^1].Metadata.OrderBy(pair => pair.Key).Select(pair => (pair.Key, pair.Value)));
        var order = Assert.IsType<InstanceOrder.Start>(InstanceOrder.Of(moved));
        Assert.Equal(("beta", 3L), (order.Node, order.Run.Incarnation));
        Assert.Null(moved.LostFrom);
    }

    [Fact]
    public void What_the_node_itself_had_to_kill_goes_on_elsewhere_too()
    {
        var report = ((InstanceInput.Reported)Reported(RunPhase.Exited, exitCode: 137, signal: "SIGKILL", stopRequested: true)).Report with { Fenced = true, Message = "The lease had run out." };

        var moved = Apply(On(InstanceStatus.Running, NodeLossPolicy.Move), new InstanceInput.Reported(report), Well);

        Assert.Equal((InstanceStatus.Starting, "beta"), (moved.Snapshot!.Status, moved.Snapshot.Node));
        Assert.Equal(["fenced", "exited", "scheduled", "moved"], Events(moved));
    }

    [Fact]
    public void What_finds_no_other_node_waits_for_one_and_has_moved_when_it_starts()
    {
        var pending = Apply(Lost(On(InstanceStatus.Running, NodeLossPolicy.Move)), new InstanceInput.Due(), Context(null, Alpha with { Standing = NodeStanding.Fenced }));
        var still = Apply(pending, new InstanceInput.Due(), Context(null, Alpha with { Standing = NodeStanding.Fenced }));
        var moved = Apply(pending, new InstanceInput.Due(), AlphaFenced);
        var back = Apply(pending, new InstanceInput.Due(), Context(null, Alpha with { Incarnation = 6 }));

        Assert.Equal((InstanceStatus.Pending, "No node can be reached.", false), (pending.Snapshot!.Status, pending.Snapshot.Message, pending.Snapshot.Busy));
        Assert.Same(pending, still);
        Assert.Equal(["lost", "fenced", "scheduled", "moved"], Events(moved));
        Assert.Equal(["lost", "fenced", "starting"], Events(back));
        Assert.Equal(6, back.Incarnation);
    }

    [Fact]
    public void A_machine_that_was_removed_leaves_what_waited_for_it_to_its_restart_policy()
    {
        var spec = Spec with { Restart = new RestartSpec(RestartPolicy.OnFailure, BackoffSeconds: 1) };
        var lost = Lost(State(InstanceStatus.Running, spec: spec) with { Incarnation = 5 });
        var removed = new[] { Alpha with { Standing = NodeStanding.Removed }, Beta };

        var backoff = Apply(lost, new InstanceInput.Due(), Context(null, removed));
        var again = Apply(backoff, new InstanceInput.Due(), Context(Now.AddSeconds(1), removed));

        Assert.Equal((InstanceStatus.Backoff, null, 1), (backoff.Snapshot!.Status, backoff.Snapshot.ExitCode, backoff.Attempts));
        Assert.StartsWith("Node alpha was removed; how it ended is not known.", backoff.Snapshot.Message, StringComparison.Ordinal);
        Assert.Equal((InstanceStatus.Starting, "beta"), (again.Snapshot!.Status, again.Snapshot.Node));
    }

    public static TheoryData<string, InstanceInput, InstanceGoal, string> Ends() => new()
    {
        { "stop", new InstanceInput.Stop(), InstanceGoal.None, "Stopped" },
        { "kill", new InstanceInput.Kill(), InstanceGoal.None, "Stopped" },
        { "restart", new InstanceInput.Restart(), InstanceGoal.Restart, "Starting" },
        { "delete", new InstanceInput.Delete(), InstanceGoal.Delete, "Deleted" },
    };

    [Theory]
    [MemberData(nameof(Ends))]
    public void An_end_that_is_asked_for_meanwhile_is_carried_out_when_the_node_returns_or_at_the_fence(string what, InstanceInput request, InstanceGoal goal, string fenced)
    {
        var lost = Lost(On(InstanceStatus.Running, NodeLossPolicy.Move));

        var asked = Apply(lost, request, AlphaLost);
        var back = Apply(asked, new InstanceInput.Due(), Well);
        var over = Apply(asked, new InstanceInput.Due(), AlphaFenced);

        Assert.Equal((InstanceStatus.Lost, true, InstanceStatus.Stopping), (asked.Snapshot!.Status, asked.Snapshot.Busy, asked.LostFrom));
        Assert.Null(InstanceOrder.Of(asked));
        Assert.Same(asked, InstanceLifecycle.Apply(asked, what == "restart" ? new InstanceInput.Due() : request, AlphaLost).State);
        Assert.Equal((InstanceStatus.Stopping, goal), (back.Snapshot!.Status, back.Goal));
        Assert.Equal(what == "kill" ? "SIGKILL" : "SIGTERM", Assert.IsType<InstanceOrder.Stop>(InstanceOrder.Of(back)).Signal);
        Assert.Equal((fenced, what == "restart" ? "beta" : "alpha"), (over.Snapshot!.Status.ToString(), over.Snapshot.Node));
    }

    [Fact]
    public void An_instance_that_is_moved_in_order_ends_first_and_its_console_is_not_marked()
    {
        var running = On(InstanceStatus.Running, NodeLossPolicy.Move);

        var stopping = Apply(running, new InstanceInput.Move(), Well);
        var moved = Apply(stopping, Reported(RunPhase.Exited, exitCode: 143, stopRequested: true), Well);

        Assert.Equal("SIGTERM", Assert.IsType<InstanceOrder.Stop>(InstanceOrder.Of(stopping)).Signal);
        Assert.Equal((InstanceStatus.Starting, "beta", 0L), (moved.Snapshot!.Status, moved.Snapshot.Node, moved.Snapshot.ConsoleMark));
        Assert.Equal(["stopping", "exited", "scheduled", "moved"], Events(moved));
    }

    [Fact]
    public void Where_a_node_told_the_end_of_the_output_the_next_one_goes_on_right_there()
    {
        var stopping = Apply(On(InstanceStatus.Running, NodeLossPolicy.Move), new InstanceInput.Move(), Well);
        var report = ((InstanceInput.Reported)Reported(RunPhase.Exited, exitCode: 143)).Report with { ExternalId = "1/2/3", ConsoleEnd = 5000 };

        var moved = Apply(stopping, new InstanceInput.Reported(report), Well);

        Assert.Equal(5000, Assert.IsType<InstanceOrder.Start>(InstanceOrder.Of(moved)).Run.ConsoleFrom);
    }

    [Fact]
    public void Where_nobody_did_the_next_one_goes_on_beyond_what_can_have_been_printed()
    {
        var running = On(InstanceStatus.Running, NodeLossPolicy.Move) with { BegunAt = Now, Console = new(5000, null, 0) };
        var later = Now.AddHours(5);
        var alpha = Alpha with { Standing = NodeStanding.Fenced };

        var moved = Apply(Lost(running), new InstanceInput.Due(), Context(later, alpha, Beta));

        var from = Assert.IsType<InstanceOrder.Start>(InstanceOrder.Of(moved)).Run.ConsoleFrom;
        Assert.Equal(5000 + (6 * 3600L << 30), from);
        Assert.Equal(new ConsoleOffsets(from, null, from), moved.Console);
    }

    [Fact]
    public void A_start_that_follows_one_that_its_new_node_did_not_carry_out_begins_where_that_would_have()
    {
        var running = On(InstanceStatus.Running, NodeLossPolicy.Move) with { Console = new(5000, null, 0) };
        var alpha = Alpha with { Standing = NodeStanding.Fenced };
        var moved = Apply(Lost(running), new InstanceInput.Due(), Context(null, alpha, Beta));
        var from = moved.Console!.From;
        var waiting = Apply(moved, Reported(RunPhase.NoRoom, epoch: 3), Context(null, alpha));

        var again = Apply(waiting, new InstanceInput.Due(), Context(null, alpha, Beta));

        Assert.Equal(("beta", 4L), (again.Snapshot!.Node, again.Snapshot.Epoch));
        Assert.Equal(from, Assert.IsType<InstanceOrder.Start>(InstanceOrder.Of(again)).Run.ConsoleFrom);
    }

    [Fact]
    public void A_start_on_the_same_node_leaves_it_to_the_node_where_its_output_goes_on()
    {
        var ended = Apply(On(InstanceStatus.Running, NodeLossPolicy.Wait), Reported(RunPhase.Exited, exitCode: 0), Well);
        var again = Apply(ended, new InstanceInput.Start(), Well);
        var elsewhere = Apply(again, Reported(RunPhase.Exited, epoch: 3, exitCode: 0), Well);
        var succeeded = Apply(elsewhere, new InstanceInput.Start(), Context(null, Alpha with { Incarnation = 9, Since = 9 }));

        Assert.Equal(0, Assert.IsType<InstanceOrder.Start>(InstanceOrder.Of(again)).Run.ConsoleFrom);
        Assert.InRange(Assert.IsType<InstanceOrder.Start>(InstanceOrder.Of(succeeded)).Run.ConsoleFrom, 1, long.MaxValue);
    }

    [Fact]
    public void An_instance_that_never_ran_begins_at_the_beginning_wherever_it_goes()
    {
        var first = Apply(new InstanceState(), new InstanceInput.Create(Id, 1, Spec, "me", true), Context(null, Alpha));
        var pending = Apply(first, Reported(RunPhase.NoRoom, epoch: 1), Well);

        var second = Apply(pending, new InstanceInput.Due(), Context(null, Beta));

        Assert.Equal(("beta", 0L), (second.Snapshot!.Node, Assert.IsType<InstanceOrder.Start>(InstanceOrder.Of(second)).Run.ConsoleFrom));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_move_is_refused_where_nobody_else_takes_the_instance(bool isCordoned)
    {
        var nodes = isCordoned ? new[] { Alpha, Beta with { Cordoned = true } } : [Alpha];

        var refused = InstanceLifecycle.Apply(On(InstanceStatus.Running, NodeLossPolicy.Move), new InstanceInput.Move(), Context(null, nodes));

        Assert.Equal((RefusalKind.Conflict, "nowhere_to_go"), (refused.Refusal!.Kind, refused.Refusal.Code));
    }

    [Fact]
    public void A_move_whose_other_node_has_gone_meanwhile_goes_back_to_its_own()
    {
        var stopping = Apply(On(InstanceStatus.Running, NodeLossPolicy.Move), new InstanceInput.Move(), Well);

        var back = Apply(stopping, Reported(RunPhase.Exited, exitCode: 143), Context(null, Alpha));

        Assert.Equal((InstanceStatus.Starting, "alpha"), (back.Snapshot!.Status, back.Snapshot.Node));
        Assert.Equal(["stopping", "exited", "starting"], Events(back));
    }

    [Fact]
    public void A_start_that_the_node_would_take_under_its_new_registration_only_begins_again_without_a_failure()
    {
        var starting = On(InstanceStatus.Starting, NodeLossPolicy.Wait);
        var refused = new InstanceInput.OrderRefused(new Refusal(RefusalKind.Conflict, NodeReply.StaleIncarnation, "It is at 6."));

        var pending = Apply(starting, refused, Well);
        var again = Apply(starting, refused, Context(null, Alpha with { Incarnation = 6 }, Beta));

        Assert.Equal((InstanceStatus.Pending, "Node alpha is being registered anew.", 2L), (pending.Snapshot!.Status, pending.Snapshot.Message, pending.Snapshot.Epoch));
        Assert.Equal((InstanceStatus.Starting, 3L, 6L, 0), (again.Snapshot!.Status, again.Snapshot.Epoch, again.Incarnation, again.Attempts));
    }

    private static InstanceState On(InstanceStatus status, NodeLossPolicy policy, InstanceGoal goal = InstanceGoal.None) =>
        State(status, goal, Spec with { OnNodeLoss = policy }) with { Incarnation = 5 };

    private static InstanceState Lost(InstanceState state) => Apply(state, new InstanceInput.Due(), AlphaLost);

    private static InstanceState Apply(InstanceState state, InstanceInput input, LifecycleContext context)
    {
        var transition = InstanceLifecycle.Apply(state, input, context);
        Assert.Null(transition.Refusal);
        return transition.State;
    }

    private static string[] Events(InstanceState state) => [.. state.Outbox.Select(happened => happened.Type)];
}
