namespace OrleansInstances.Instances;

/// <summary>One instance as it was at one moment, the same for grain callers and for the catalog.</summary>
[GenerateSerializer, Immutable, Alias("oi.InstanceSnapshot")]
public sealed record InstanceSnapshot
{
    [Id(0)] public required Guid Id { get; init; }

    /// <summary>The instance's integer name, from 1, never reused.</summary>
    [Id(1)] public required int Number { get; init; }

    /// <summary>Counts the instance's stored changes; a higher version is newer.</summary>
    [Id(2)] public required long Version { get; init; }

    [Id(3)] public required InstanceSpec Spec { get; init; }

    /// <summary>Who created it: the owner of the key that did.</summary>
    [Id(4)] public required string Owner { get; init; }

    [Id(5)] public required InstanceStatus Status { get; init; }

    /// <summary>The number of the latest start attempt, 0 before the first. The fencing token.</summary>
    [Id(6)] public long Epoch { get; init; }

    /// <summary>The node that runs it or ran it last.</summary>
    [Id(7)] public string? Node { get; init; }

    /// <summary>The exit code of the last run, 0 to 255, 128 + n for a signal n; null while none or unknown.</summary>
    [Id(8)] public int? ExitCode { get; init; }

    /// <summary>The name of the signal that ended the last run.</summary>
    [Id(9)] public string? Signal { get; init; }

    /// <summary>Why it stands where it stands, for people.</summary>
    [Id(10)] public string? Message { get; init; }

    [Id(11)] public required DateTimeOffset CreatedAt { get; init; }

    [Id(12)] public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When the current or last run started.</summary>
    [Id(13)] public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When the last run ended.</summary>
    [Id(14)] public DateTimeOffset? EndedAt { get; init; }

    /// <summary>When the grain wants to be woken: the next attempt of a backoff, the retry of a placement.</summary>
    [Id(15)] public DateTimeOffset? DueAt { get; init; }

    /// <summary>True while a request is being carried out; a waiter waits for false.</summary>
    [Id(16)] public bool Busy { get; init; }

    /// <summary>Console offset in bytes at the end of the last requested stop.</summary>
    [Id(17)] public long ConsoleMark { get; init; }

    /// <summary>Of the current run.</summary>
    [Id(18)] public InstanceHealth Health { get; init; }

    /// <summary>Of the current run; null when nothing was to be limited.</summary>
    [Id(19)] public LimitsEnforced? Enforced { get; init; }

    /// <summary>When its first run started.</summary>
    [Id(20)] public DateTimeOffset? FirstStartedAt { get; init; }

    /// <summary>When the last run ended by itself with exit code 0; null when it ended in another way, and in a new epoch.</summary>
    [Id(21)] public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>Where the current or last epoch went: the region asked for, else the first that its node serves by name.</summary>
    [Id(22)] public string? Region { get; init; }

    /// <summary>When it came to rest: stopped or failed after a run. Null while it runs, is to run again, or never ran.</summary>
    public DateTimeOffset? FinishedAt() => Status is InstanceStatus.Stopped or InstanceStatus.Failed ? EndedAt : null;
}
