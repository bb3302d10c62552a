using System.Collections.Immutable;
using OrleansInstances.Instances;

namespace OrleansInstances.Grains.Instances;

/// <summary>What an instance's grain stores: the snapshot it shows, and what it needs to carry on after a crash.</summary>
public sealed record InstanceState : ICatalogedState
{
    /// <summary>Null before the instance is created.</summary>
    public InstanceSnapshot? Snapshot { get; init; }

    /// <summary>The spec that the current epoch began with: a later change of the instance's own counts from the next start on.</summary>
    public InstanceSpec? Begun { get; init; }

    /// <summary>The registration of its node that the current epoch began under.</summary>
    public long Incarnation { get; init; }

    /// <summary>When the current epoch began.</summary>
    public DateTimeOffset? BegunAt { get; init; }

    /// <summary>Null in states from before it was kept: <see cref="ConsoleOffsets.Of"/>.</summary>
    public ConsoleOffsets? Console { get; init; }

    /// <summary>While it is lost: the status that it was in, and goes on with when its node returns.</summary>
    public InstanceStatus? LostFrom { get; init; }

    /// <summary>What is to follow once the current status is left.</summary>
    public InstanceGoal Goal { get; init; }

    /// <summary>A stop that doesn't wait for the program: SIGKILL at once.</summary>
    public bool Kill { get; init; }

    /// <summary>Failed attempts in a row, for the restart policy.</summary>
    public int Attempts { get; init; }

    /// <summary>The driver's own name of what runs; with node, driver and epoch it is the durable handle.</summary>
    public string? ExternalId { get; init; }

    /// <summary>Who last adopted the current run.</summary>
    public Guid? AdoptedBy { get; init; }

    /// <summary>Commands beside the program of the current run whose end is not known yet.</summary>
    public ImmutableArray<OpenExec> Execs { get; init; } = [];

    /// <summary>The types of the notes in its event log.</summary>
    public ImmutableArray<string> Notes { get => field.IsDefault ? [] : field; init; }

    /// <summary>The sequence number of the latest event.</summary>
    public long LastEvent { get; init; }

    public ImmutableArray<InstanceEvent> Outbox { get; init; } = [];

    IReadOnlyList<InstanceEvent> ICatalogedState.Outbox => Outbox;
}

/// <param name="Command">As its events have it.</param>
/// <param name="By">Who wanted it.</param>
public sealed record OpenExec(Guid Id, string Command, string By);

/// <summary>What an instance is to do next. The numbers are stored.</summary>
public enum InstanceGoal
{
    None = 0,

    /// <summary>Paused, and to run again.</summary>
    Resume = 1,

    /// <summary>Stopping, and to be started again.</summary>
    Restart = 2,

    /// <summary>Stopping, and to be deleted.</summary>
    Delete = 3,

    /// <summary>Stopping because it is unhealthy, and to be started again as after a failure.</summary>
    Heal = 4,

    /// <summary>Stopping, or waiting for a node, and to go on on another one.</summary>
    Move = 5,
}
