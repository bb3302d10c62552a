using OrleansInstances.Instances;

namespace OrleansInstances.Nodes;

/// <summary>What a node says of one start attempt.</summary>
[GenerateSerializer, Immutable, Alias("oi.RunReport")]
public sealed record RunReport
{
    [Id(0)] public required RunKey Run { get; init; }

    [Id(1)] public required RunPhase Phase { get; init; }

    [Id(2)] public required string Node { get; init; }

    /// <summary>When the phase was reached, by the node's clock.</summary>
    [Id(3)] public required DateTimeOffset At { get; init; }

    /// <summary>True when the run was found by a node runtime that had not started it itself.</summary>
    [Id(4)] public bool Adopted { get; init; }

    /// <summary>What ran there: for a process its pid, start time and boot id.</summary>
    [Id(5)] public string? ExternalId { get; init; }

    /// <summary>0 to 255, 128 + n for a signal n; null when unknown.</summary>
    [Id(6)] public int? ExitCode { get; init; }

    [Id(7)] public string? Signal { get; init; }

    [Id(8)] public string? Message { get; init; }

    /// <summary>Console length in bytes when the run ended.</summary>
    [Id(9)] public long ConsoleEnd { get; init; }

    /// <summary>Someone asked the node for this end: a stop, or all of the node being taken down.</summary>
    [Id(10)] public bool StopRequested { get; init; }

    /// <summary>The kernel killed processes of it at its memory limit.</summary>
    [Id(11)] public bool OutOfMemory { get; init; }

    /// <summary>Null when nothing was to be limited.</summary>
    [Id(12)] public LimitsEnforced? Enforced { get; init; }

    /// <summary>The node's lease had run out and so it was killed.</summary>
    [Id(13)] public bool Fenced { get; init; }

    /// <summary>What the run's checks say; unknown says nothing.</summary>
    [Id(14)] public InstanceHealth Health { get; init; }

    /// <summary>Why it is unhealthy.</summary>
    [Id(15)] public string? HealthMessage { get; init; }

    /// <summary>Which start of the node's silo adopted it: the same adoption may be told more than once.</summary>
    [Id(16)] public Guid AdoptedBy { get; init; }

    /// <summary>When its program started, by the node's clock; null when none did.</summary>
    [Id(17)] public DateTimeOffset? StartedAt { get; init; }
}

public enum RunPhase
{
    Running = 0,
    Paused = 1,
    Exited = 2,

    /// <summary>The program could not be started; nothing runs.</summary>
    StartFailed = 3,

    /// <summary>The node has no room; nothing was started, the epoch is closed there.</summary>
    NoRoom = 4,
}
