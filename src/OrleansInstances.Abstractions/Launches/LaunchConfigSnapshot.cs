namespace OrleansInstances.Launches;

/// <summary>A launch config as stored: its row is the grain's state.</summary>
[GenerateSerializer, Immutable, Alias("oi.LaunchConfigSnapshot")]
public sealed record LaunchConfigSnapshot
{
    /// <summary>How long a token is good for, and an unfinished config lives.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(2);

    [Id(0)] public required Guid ConfigId { get; init; }

    /// <summary>Counts the config's stored changes, from 1.</summary>
    [Id(1)] public required long Version { get; init; }

    [Id(2)] public required LaunchStatus Status { get; init; }

    [Id(3)] public required string ChuteId { get; init; }

    [Id(4)] public string? JobId { get; init; }

    /// <summary>32 hexadecimal digits.</summary>
    [Id(5)] public required string EnvKey { get; init; }

    [Id(6)] public required string MinerHotkey { get; init; }

    [Id(7)] public required string MinerColdkey { get; init; }

    [Id(8)] public required int MinerUid { get; init; }

    /// <summary>What the job asks for.</summary>
    [Id(9)] public long? DiskGb { get; init; }

    /// <summary>Of the challenge, 0 before the claim.</summary>
    [Id(10)] public long Seed { get; init; }

    /// <summary>What the claim brought up; it stays when that is gone.</summary>
    [Id(11)] public Guid? InstanceId { get; init; }

    [Id(12)] public required DateTimeOffset IssuedAt { get; init; }

    [Id(13)] public DateTimeOffset? ClaimedAt { get; init; }

    [Id(14)] public DateTimeOffset? VerifiedAt { get; init; }

    [Id(15)] public DateTimeOffset? ActivatedAt { get; init; }

    /// <summary>When it failed or expired.</summary>
    [Id(16)] public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Why it failed or expired.</summary>
    [Id(17)] public string? Reason { get; init; }

    public DateTimeOffset ExpiresAt => IssuedAt + Lifetime;
}

/// <summary>Where a launch config stands. The numbers are stored: append, never renumber.</summary>
public enum LaunchStatus
{
    /// <summary>Its token may be claimed, once.</summary>
    Issued = 0,

    /// <summary>There is an instance, whose proof is waited for.</summary>
    Claimed = 1,

    /// <summary>The proof was accepted; the instance does not serve yet.</summary>
    Verified = 2,

    /// <summary>The instance serves.</summary>
    Activated = 3,

    /// <summary>Refused for good.</summary>
    Failed = 4,

    /// <summary>Nothing came of it in time.</summary>
    Expired = 5,
}
