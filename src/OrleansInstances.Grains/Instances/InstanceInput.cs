using OrleansInstances.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Grains.Instances;

/// <summary>What can happen to an instance: a request, a report of its node, or time passing.</summary>
public abstract record InstanceInput
{
    public sealed record Create(Guid Id, int Number, InstanceSpec Spec, string Owner, bool StartNow) : InstanceInput;

    public sealed record Start : InstanceInput;

    public sealed record Stop : InstanceInput;

    public sealed record Kill : InstanceInput;

    public sealed record Pause : InstanceInput;

    public sealed record Resume : InstanceInput;

    public sealed record Restart : InstanceInput;

    public sealed record Delete : InstanceInput;

    /// <summary>To go on on another node, in order.</summary>
    public sealed record Move : InstanceInput;

    public sealed record Update(InstancePatch Patch) : InstanceInput;

    /// <summary>A command is to run beside the program.</summary>
    public sealed record ExecBegun(Guid ExecId, ExecCommand Command) : InstanceInput;

    public sealed record ExecEnded(Guid ExecId, ExecEnd End) : InstanceInput;

    /// <summary>Something happened to it outside of its own life.</summary>
    public sealed record Noted(InstanceNote Note) : InstanceInput;

    /// <summary>The node's word on the current epoch.</summary>
    public sealed record Reported(RunReport Report) : InstanceInput;

    /// <summary>The node refused the order that the current status calls for.</summary>
    public sealed record OrderRefused(Refusal Refusal) : InstanceInput;

    /// <summary>The due time has come, or nodes or dependencies may have changed.</summary>
    public sealed record Due : InstanceInput;
}

/// <summary>All that a transition may depend on besides state and input.</summary>
/// <param name="Now">The time.</param>
/// <param name="Jitter">0 to 1, spreads the attempts of a backoff.</param>
/// <param name="Nodes">Where a start may go.</param>
/// <param name="WaitsFor">Which of the instance's dependencies keeps it from starting, as a sentence; null when none does.</param>
public readonly record struct LifecycleContext(
    DateTimeOffset Now,
    double Jitter,
    IReadOnlyList<NodeSnapshot> Nodes,
    string? WaitsFor = null);

/// <summary>What became of an input: the state to store (the same object when nothing changes), or a refusal.</summary>
public readonly record struct Transition(InstanceState State, Refusal? Refusal = null);
