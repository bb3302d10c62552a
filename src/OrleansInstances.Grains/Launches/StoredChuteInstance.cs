using OrleansInstances.Launches;

namespace OrleansInstances.Grains.Launches;

/// <summary>What is stored of an instance that a miner brings up.</summary>
/// <param name="Shown">What may be shown of it.</param>
/// <param name="SymmetricKey">32 hexadecimal digits; null for one without a launch config.</param>
public sealed record StoredChuteInstance(ChuteInstanceSnapshot Shown, string? SymmetricKey)
{
    /// <summary>How long one may take to be verified.</summary>
    public static readonly TimeSpan VerifiedWithin = TimeSpan.FromMinutes(90);

    /// <summary>What happened to it so far.</summary>
    public ChuteInstanceStages Stages => ChuteInstanceStages.Claimed
        | (Shown.Verified ? ChuteInstanceStages.Verified : 0)
        | (Shown.Active ? ChuteInstanceStages.Activated : 0);

    /// <summary>When it is deleted unless it is verified; null for one with a launch config, whose own time counts.</summary>
    public DateTimeOffset? ExpiresAt => Shown is { ConfigId: null, Verified: false } ? Shown.CreatedAt + VerifiedWithin : null;
}

/// <summary>The numbers are stored.</summary>
[Flags]
public enum ChuteInstanceStages
{
    None = 0,
    Claimed = 1,
    Verified = 2,
    Activated = 4,
}

/// <summary>Why an instance is no more.</summary>
/// <param name="Type">One of <see cref="LaunchEventTypes"/>.</param>
public sealed record ChuteInstanceEnding(string Type, string Reason, DateTimeOffset At);
