using OrleansInstances.Grains.Instances;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;
using static OrleansInstances.Grains.Tests.Instances.Given;

namespace OrleansInstances.Grains.Tests.Instances;

/// <summary>When and where an instance ran, and what it is part of.</summary>
public sealed class InstancePeriodTests
{
    [Fact]
    public void The_first_start_stays_known_over_all_later_ones()
    {
        var state = InstanceLifecycle.Apply(new InstanceState(), new InstanceInput.Create(Id, 1, Spec, "admin", StartNow: true), Context()).State;
        Assert.Null(state.Snapshot!.FirstStartedAt);

        state = InstanceLifecycle.Apply(state, Reported(RunPhase.Running, epoch: 1, afterSeconds: 1), Context()).State;
        state = InstanceLifecycle.Apply(state, Reported(RunPhase.Exited, epoch: 1, exitCode: 1, afterSeconds: 2), Context()).State;
        state = InstanceLifecycle.Apply(state, new InstanceInput.Start(), Context()).State;
        state = InstanceLifecycle.Apply(state, Reported(RunPhase.Running, epoch: 2, afterSeconds: 3), Context()).State;

        Assert.Equal((Now.AddSeconds(1), Now.AddSeconds(3)), (state.Snapshot!.FirstStartedAt, state.Snapshot.StartedAt));
    }

    [Fact]
    public void A_run_so_brief_that_only_its_end_is_told_has_started_all_the_same()
    {
        var report = (InstanceInput.Reported)Reported(RunPhase.Exited, exitCode: 0, afterSeconds: 2);
        var starting = State(InstanceStatus.Starting);
        starting = starting with { Snapshot = starting.Snapshot! with { StartedAt = null } };

        var ended = InstanceLifecycle.Apply(starting, new InstanceInput.Reported(report.Report with { StartedAt = Now.AddSeconds(1) }), Context()).State.Snapshot!;

        Assert.Equal((Now.AddSeconds(1), Now.AddSeconds(1), Now.AddSeconds(2)), (ended.FirstStartedAt, ended.StartedAt, ended.EndedAt));
    }

    [Theory]
    [InlineData(InstanceStatus.Running, 0, false, true)]
    [InlineData(InstanceStatus.Paused, 0, false, true)]
    [InlineData(InstanceStatus.Running, 1, false, false)]
    [InlineData(InstanceStatus.Running, null, false, false)]
    [InlineData(InstanceStatus.Running, 0, true, false)]
    [InlineData(InstanceStatus.Stopping, 0, false, false)]
    public void Only_an_end_by_itself_with_exit_code_0_completes_it(InstanceStatus status, int? exitCode, bool stopRequested, bool completes)
    {
        var report = Reported(RunPhase.Exited, exitCode: exitCode, stopRequested: stopRequested, afterSeconds: 5);

        var ended = InstanceLifecycle.Apply(State(status), report, Context()).State;
        var again = InstanceLifecycle.Apply(ended, new InstanceInput.Start(), Context()).State;

        Assert.Equal(completes ? Now.AddSeconds(5) : null, ended.Snapshot!.CompletedAt);
        Assert.Equal(Now.AddSeconds(5), ended.Snapshot.FinishedAt());
        Assert.Equal((null, null), (again.Snapshot!.CompletedAt, again.Snapshot.FinishedAt()));
    }

    [Fact]
    public void What_is_to_run_again_has_not_finished()
    {
        var spec = Spec with { Restart = new RestartSpec(RestartPolicy.Always) };

        var waiting = InstanceLifecycle.Apply(State(InstanceStatus.Running, spec: spec), Reported(RunPhase.Exited, exitCode: 0), Context()).State.Snapshot!;

        Assert.Equal((InstanceStatus.Backoff, Now, null), (waiting.Status, waiting.EndedAt, waiting.FinishedAt()));
    }

    [Theory]
    [InlineData("fra", "*", "fra")]
    [InlineData("fra", "fra", "fra")]
    [InlineData(null, "fra", "fra")]
    [InlineData(null, "*", null)]
    public void The_region_is_the_one_asked_for_or_the_nodes_own(string? asked, string served, string? region)
    {
        var created = new InstanceInput.Create(Id, 1, Spec with { Region = asked }, "admin", StartNow: true);

        var instance = InstanceLifecycle.Apply(new InstanceState(), created, Context(null, NodeNamed(Node, served))).State.Snapshot!;

        Assert.Equal((InstanceStatus.Starting, region), (instance.Status, instance.Region));
    }

    [Fact]
    public void A_patch_changes_of_what_it_is_part_of_only_what_it_says()
    {
        var before = new DeploymentSpec { AppId = "a", ServiceId = "s", ReplicaIndex = 2, Type = "nano" };
        var patch = new InstancePatch { Deployment = new DeploymentSpec { ServiceId = "", DeploymentId = "d", ReplicaIndex = 0 } };

        var changed = InstanceLifecycle.Apply(State(InstanceStatus.Running, spec: Spec with { Deployment = before }), new InstanceInput.Update(patch), Context());
        var first = InstanceLifecycle.Apply(State(InstanceStatus.Running), new InstanceInput.Update(patch), Context());

        Assert.Equal(new DeploymentSpec { AppId = "a", DeploymentId = "d", ReplicaIndex = 0, Type = "nano" }, changed.State.Snapshot!.Spec.Deployment);
        Assert.Equal(new DeploymentSpec { DeploymentId = "d", ReplicaIndex = 0 }, first.State.Snapshot!.Spec.Deployment);
    }
}
