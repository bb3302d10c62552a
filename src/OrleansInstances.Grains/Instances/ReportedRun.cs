using OrleansInstances.Instances;
using OrleansInstances.Nodes;
using static OrleansInstances.Instances.InstanceStatus;
using Events = OrleansInstances.Instances.InstanceEventTypes;

namespace OrleansInstances.Grains.Instances;

/// <summary>What a node's word on the current epoch changes.</summary>
internal static class ReportedRun
{
    /// <summary>What is told of another epoch, or of one that is over, changes nothing.</summary>
    public static Transition Apply(InstanceState state, InstanceSnapshot instance, RunReport report, LifecycleContext context)
    {
        if (report.Run.Epoch != instance.Epoch || instance.Status is Pending or Backoff or Stopped or Failed)
        {
            return new(state);
        }

        if (instance.Status == Lost)
        {
            var back = NodeLoss.Restore(state, instance, context);
            return Apply(back, back.Snapshot!, report, context);
        }

        return new(PhaseOf(report, instance) switch
        {
            RunPhase.Running => HealthReported(RunReported(state, instance, report, context), report, context),
            RunPhase.Paused => PauseReported(state, instance, context),
            RunPhase.Exited => RunEnd.Ended(state, instance, report, context),
            RunPhase.StartFailed => RunEnd.StartFailed(state, instance, report.Message, report, context),
            RunPhase.NoRoom when instance.Status == Stopping => RunEnd.Ended(state, instance, report, context),
            RunPhase.NoRoom => StartAttempt.Await(state, StartAttempt.Unbind(instance), context, report.Message ?? $"Node {report.Node} did not start it.", moves: false),
            _ => throw new InvalidOperationException($"No rule for a report of {report.Phase}."),
        });
    }

    /// <summary>A node closes a start that it doesn't carry out: a silo that finds such a record can't tell it from a stop, but nothing was started, and nobody asked for a stop.</summary>
    private static RunPhase PhaseOf(RunReport report, InstanceSnapshot instance) =>
        report is { Phase: RunPhase.Exited, StopRequested: true, StartedAt: null } && instance.Status == Starting ? RunPhase.NoRoom : report.Phase;

    private static InstanceState RunReported(InstanceState state, InstanceSnapshot instance, RunReport report, LifecycleContext context) =>
        instance.Status switch
        {
            Starting => (state.Change(context.Now, instance with
            {
                Status = Running,
                Busy = false,
                StartedAt = report.At,
                FirstStartedAt = instance.FirstStartedAt ?? report.At,
                Enforced = report.Enforced,
            }) with
            {
                ExternalId = report.ExternalId,
            }).Log(report.At, Events.Started, $"Started on {report.Node}."),
            Paused when !report.Adopted || state.Goal == InstanceGoal.Resume => (state.Change(context.Now, instance with { Status = Running, Busy = false }) with
            {
                Goal = InstanceGoal.None,
            }).Log(context.Now, Events.Resumed, "Resumed."),
            Pausing when !report.Adopted => state.Change(
                context.Now,
                instance with { Status = Running, Busy = false, Message = "Not every process of it could be paused." }),
            Running when report.Adopted && report.AdoptedBy != state.AdoptedBy => (state.Change(context.Now, instance) with
            {
                AdoptedBy = report.AdoptedBy,
            }).Log(context.Now, Events.Adopted, $"Adopted on {report.Node}."),
            _ => state,
        };

    private static InstanceState HealthReported(InstanceState state, RunReport report, LifecycleContext context)
    {
        var instance = state.Snapshot!;
        if (instance.Status != Running || report.Health == InstanceHealth.Unknown || report.Health == instance.Health)
        {
            return state;
        }

        if (report.Health == InstanceHealth.Healthy)
        {
            return state
                .Change(context.Now, instance with { Health = InstanceHealth.Healthy, Message = null })
                .Log(context.Now, Events.Healthy, "Healthy.");
        }

        var why = $"Unhealthy: {report.HealthMessage}";
        var unhealthy = state
            .Change(context.Now, instance with { Health = InstanceHealth.Unhealthy, Message = why })
            .Log(context.Now, Events.Unhealthy, why);
        return (state.Begun ?? instance.Spec).Health is { Restart: true }
            ? RunEnd.Stop(unhealthy, unhealthy.Snapshot!, context, InstanceGoal.Heal)
            : unhealthy;
    }

    private static InstanceState PauseReported(InstanceState state, InstanceSnapshot instance, LifecycleContext context) =>
        instance.Status switch
        {
            Starting or Running or Pausing => state
                .Change(context.Now, instance with { Status = Paused, Busy = false })
                .Log(context.Now, Events.Paused, "Paused."),
            _ => state,
        };
}
