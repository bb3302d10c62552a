using System.Collections.Immutable;
using OrleansInstances.Launches;

namespace OrleansInstances.Grains.Launches;

/// <summary>A job, and what became of it.</summary>
public sealed record StoredChuteJob
{
    public required ChuteJob Job { get; init; }

    /// <summary>The hotkeys that took part in the race, in the order in which they entered.</summary>
    public ImmutableArray<string> Racers { get => field.IsDefault ? [] : field; init; }

    /// <summary>The config that won it; null while nobody has.</summary>
    public Guid? ConfigId { get; init; }

    public Guid? InstanceId { get; init; }

    public string? MinerHotkey { get; init; }

    public ChuteJobStatus Status { get; init; }

    /// <summary>Why it ended.</summary>
    public string? Error { get; init; }

    /// <summary>Its miner deleted the instance.</summary>
    public bool MinerTerminated { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }
}

/// <summary>The numbers are stored.</summary>
public enum ChuteJobStatus
{
    Pending = 0,
    Running = 1,
    Error = 2,
}
