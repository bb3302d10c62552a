using OrleansInstances.Grains.Instances;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Grains.Tests.Instances;

/// <summary>States and inputs to start a test from.</summary>
internal static class Given
{
    public const string Node = "alpha";

    public static readonly Guid Id = new("0c0ffee0-0000-4000-8000-000000000001");

    public static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static readonly InstanceSpec Spec = new() { Command = ["/bin/cat"] };

    public static NodeSnapshot NodeNamed(string name, string region = "*", string driver = "process") =>
        new(name, Guid.Empty, [region], [driver], 100, Now);

    public static LifecycleContext Context(DateTimeOffset? now = null, params NodeSnapshot[] nodes) =>
        new(now ?? Now, 0, nodes.Length > 0 ? nodes : [NodeNamed(Node)]);

    /// <summary>An instance in its second epoch.</summary>
    public static InstanceState State(InstanceStatus status, InstanceGoal goal = InstanceGoal.None, InstanceSpec? spec = null) => new()
    {
        Goal = goal,
        LostFrom = status == InstanceStatus.Lost ? InstanceStatus.Running : null,
        LastEvent = 10,
        Snapshot = new InstanceSnapshot
        {
            Id = Id,
            Number = 1,
            Version = 5,
            Spec = spec ?? Spec,
            Owner = "admin",
            Status = status,
            Epoch = 2,
            Node = Node,
            CreatedAt = Now,
            UpdatedAt = Now,
            StartedAt = Now,
            DueAt = status == InstanceStatus.Backoff ? Now : null,
            Message = status == InstanceStatus.Pending ? "No node serves region \"mars\"." : null,
            Busy = status is InstanceStatus.Starting or InstanceStatus.Pausing or InstanceStatus.Stopping || goal == InstanceGoal.Resume,
        },
    };

    public static InstanceInput Reported(RunPhase phase, long epoch = 2, int? exitCode = null, string? signal = null, bool adopted = false, bool stopRequested = false, double afterSeconds = 0, InstanceHealth health = default, Guid adoptedBy = default) =>
        new InstanceInput.Reported(new RunReport
        {
            Run = new RunKey(Id, epoch),
            Phase = phase,
            Node = Node,
            At = Now.AddSeconds(afterSeconds),
            ExitCode = exitCode,
            Signal = signal,
            Adopted = adopted,
            StopRequested = stopRequested,
            ConsoleEnd = 77,
            Health = health,
            HealthMessage = health == InstanceHealth.Unhealthy ? "Connection refused." : null,
            AdoptedBy = adoptedBy,
        });

    public static string[] EventsOf(Transition transition) => [.. transition.State.Outbox.Select(happened => happened.Type)];
}
