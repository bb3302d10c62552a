using OrleansInstances.Grains.Instances;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;
using static OrleansInstances.Grains.Tests.Instances.Given;

namespace OrleansInstances.Grains.Tests.Instances;

/// <summary>What events say besides their message.</summary>
public sealed class EventMetadataTests
{
    [Fact]
    public void An_end_says_its_exit_code_signal_and_node() => Assert.Equal(
        ["exited exit_code=137 node=alpha signal=SIGKILL", "failed exit_code=137 node=alpha signal=SIGKILL"],
        EventsOf(State(InstanceStatus.Running), Reported(RunPhase.Exited, exitCode: 137, signal: "SIGKILL")));

    [Fact]
    public void An_end_by_itself_completes_it() => Assert.Equal(
        ["exited exit_code=0 node=alpha", "stopped exit_code=0 node=alpha reason=completed"],
        EventsOf(State(InstanceStatus.Running), Reported(RunPhase.Exited, exitCode: 0)));

    [Fact]
    public void An_end_that_was_asked_for_says_so() => Assert.Equal(
        ["exited exit_code=0 node=alpha reason=requested", "stopped node=alpha reason=requested"],
        EventsOf(State(InstanceStatus.Stopping), Reported(RunPhase.Exited, exitCode: 0)));

    [Theory]
    [InlineData(true, false, "fenced")]
    [InlineData(false, true, "oom")]
    public void An_end_that_was_made_says_why(bool fenced, bool outOfMemory, string reason)
    {
        var report = ((InstanceInput.Reported)Reported(RunPhase.Exited, exitCode: 137)).Report with { Fenced = fenced, OutOfMemory = outOfMemory };

        Assert.Contains($"exited exit_code=137 node=alpha reason={reason}", EventsOf(State(InstanceStatus.Running), new InstanceInput.Reported(report)));
    }

    [Theory]
    [InlineData("requested")]
    [InlineData("restart")]
    [InlineData("delete")]
    [InlineData("unhealthy")]
    public void A_stop_says_what_it_is_for(string reason)
    {
        var state = State(InstanceStatus.Running, spec: Spec with { Health = new HealthSpec { TcpPort = 1, Restart = true } });
        InstanceInput input = reason switch
        {
            "requested" => new InstanceInput.Stop(),
            "restart" => new InstanceInput.Restart(),
            "delete" => new InstanceInput.Delete(),
            _ => Reported(RunPhase.Running, health: InstanceHealth.Unhealthy),
        };

        Assert.Equal($"stopping node=alpha reason={reason}", EventsOf(state, input)[^1]);
    }

    [Fact]
    public void A_delay_says_what_it_follows_and_until_when()
    {
        var state = State(InstanceStatus.Running, spec: Spec with { Restart = new RestartSpec(RestartPolicy.Always) });

        Assert.Equal(
            "backoff due_at=2026-01-01T00:00:01.0000000+00:00 exit_code=3 failures=1 node=alpha",
            EventsOf(state, Reported(RunPhase.Exited, exitCode: 3))[^1]);
    }

    private static string[] EventsOf(InstanceState state, InstanceInput input) =>
    [
        .. InstanceLifecycle.Apply(state, input, Context()).State.Outbox.Select(happened => string.Join(' ', happened.Metadata
            .OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => $"{pair.Key}={pair.Value}")
            .Prepend(happened.Type))),
    ];
}
