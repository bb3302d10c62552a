using OrleansInstances.Grains.Instances;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Grains.Tests.Instances;

/// <summary>What commands beside the program leave in an instance's events.</summary>
public sealed class InstanceExecTests
{
    private static readonly Guid Exec = Guid.NewGuid();

    [Fact]
    public void Its_begin_and_its_end_are_events_that_say_who_what_and_how()
    {
        var begun = Begin(Running());
        var ended = Apply(begun, new InstanceInput.ExecEnded(Exec, new ExecEnd(7)));

        var start = begun.Outbox[^1];
        Assert.Equal(("exec_started", "alice runs \"ls -l\"."), (start.Type, start.Message));
        Assert.Equal((Exec.ToString(), "alice", "ls -l", "true", Given.Node), (start.Metadata["exec"], start.Metadata["by"], start.Metadata["command"], start.Metadata["terminal"], start.Metadata["node"]));
        var end = ended.Outbox[^1];
        Assert.Equal(("exec_ended", "\"ls -l\" of alice: It ended with code 7."), (end.Type, end.Message));
        Assert.Equal((Exec.ToString(), "7"), (end.Metadata["exec"], end.Metadata["exit_code"]));
        Assert.Equal(InstanceStatus.Running, ended.Snapshot!.Status);
    }

    [Fact]
    public void Its_end_is_noted_once()
    {
        var ended = Apply(Begin(Running()), new InstanceInput.ExecEnded(Exec, new ExecEnd(0)));

        Assert.Same(ended, Apply(ended, new InstanceInput.ExecEnded(Exec, new ExecEnd(1))));
    }

    [Fact]
    public void It_ends_with_its_run()
    {
        var ended = Apply(Begin(Running()), Given.Reported(RunPhase.Exited, 1, 0));

        var end = ended.Outbox[^1];
        Assert.Equal(("exec_ended", "\"ls -l\" of alice: The run has ended."), (end.Type, end.Message));
        Assert.False(end.Metadata.ContainsKey("exit_code"));
        Assert.Same(ended, Apply(ended, new InstanceInput.ExecEnded(Exec, new ExecEnd(137))));
    }

    [Fact]
    public void It_ends_with_the_silo_that_it_was_connected_to()
    {
        var adopted = Apply(Begin(Running()), Given.Reported(RunPhase.Running, 1, null, adopted: true));

        Assert.Equal(["adopted", "exec_ended"], adopted.Outbox[^2..].Select(happened => happened.Type));
        Assert.Equal(InstanceStatus.Running, adopted.Snapshot!.Status);
    }

    [Fact]
    public void A_pause_does_not_end_it()
    {
        var paused = Apply(Apply(Begin(Running()), new InstanceInput.Pause()), Given.Reported(RunPhase.Paused, 1, null));

        Assert.Single(paused.Execs);
    }

    [Theory]
    [InlineData(RunPhase.Paused)]
    [InlineData(RunPhase.Exited)]
    public void There_is_none_beside_what_does_not_run(RunPhase phase)
    {
        var state = Apply(Running(), Given.Reported(phase, 1, 0));

        var transition = InstanceLifecycle.Apply(state, new InstanceInput.ExecBegun(Exec, Command), Given.Context());

        Assert.Same(state, transition.State);
        Assert.Equal((RefusalKind.Conflict, "not_running"), (transition.Refusal!.Kind, transition.Refusal.Code));
    }

    private static ExecCommand Command { get; } = new(["ls", "-l"], new TerminalSize(80, 24), "alice");

    private static InstanceState Running()
    {
        var created = Apply(new InstanceState(), new InstanceInput.Create(Given.Id, 1, Given.Spec, "admin", true));
        return Apply(created, Given.Reported(RunPhase.Running, 1, null));
    }

    private static InstanceState Begin(InstanceState state) => Apply(state, new InstanceInput.ExecBegun(Exec, Command));

    private static InstanceState Apply(InstanceState state, InstanceInput input) => InstanceLifecycle.Apply(state, input, Given.Context()).State;
}
