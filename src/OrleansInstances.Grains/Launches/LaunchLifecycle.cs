using OrleansInstances.Launches;
using static OrleansInstances.Launches.LaunchStatus;

namespace OrleansInstances.Grains.Launches;

/// <summary>What can happen to a launch config.</summary>
public abstract record LaunchInput
{
    public sealed record Claim(Guid InstanceId, long Seed) : LaunchInput;

    public sealed record Verify : LaunchInput;

    public sealed record Activate : LaunchInput;

    public sealed record Fail(string Reason) : LaunchInput;

    public sealed record Expire(string Reason) : LaunchInput;
}

/// <summary>
/// The life of a launch config as a pure function: issued, claimed, verified, activated, each once and in this order; before
/// it is verified it may fail, and before it is activated it may expire.
/// </summary>
public static class LaunchLifecycle
{
    public static LaunchConfigSnapshot Issue(Guid configId, string envKey, Chute chute, ChuteMiner miner, ChuteJob? job, DateTimeOffset now) => new()
    {
        ConfigId = configId,
        Version = 1,
        Status = Issued,
        ChuteId = chute.ChuteId,
        JobId = job?.JobId,
        EnvKey = envKey,
        MinerHotkey = miner.Hotkey,
        MinerColdkey = miner.Coldkey,
        MinerUid = miner.Uid,
        DiskGb = job?.DiskGb,
        IssuedAt = now,
    };

    /// <summary>The next state; null when the input is not possible in this one.</summary>
    public static LaunchConfigSnapshot? Apply(LaunchConfigSnapshot config, LaunchInput input, DateTimeOffset now)
    {
        var next = (config.Status, input) switch
        {
            (Issued, LaunchInput.Claim claim) => config with { Status = Claimed, ClaimedAt = now, InstanceId = claim.InstanceId, Seed = claim.Seed },
            (Claimed, LaunchInput.Verify) => config with { Status = Verified, VerifiedAt = now },
            (Verified, LaunchInput.Activate) => config with { Status = Activated, ActivatedAt = now },
            (Issued or Claimed, LaunchInput.Fail fail) => config with { Status = Failed, EndedAt = now, Reason = fail.Reason },
            (Issued or Claimed or Verified, LaunchInput.Expire expire) => config with { Status = Expired, EndedAt = now, Reason = expire.Reason },
            _ => null,
        };
        return next is null ? null : next with { Version = config.Version + 1 };
    }

    /// <summary>When nothing more can come of it unless it goes on before; null for one that is through or has ended.</summary>
    public static DateTimeOffset? DueAt(LaunchConfigSnapshot config) => config.Status switch
    {
        Issued => config.ExpiresAt,
        Claimed => config.ClaimedAt + StoredChuteInstance.VerifiedWithin,
        Verified => config.VerifiedAt + StoredChuteInstance.VerifiedWithin,
        _ => null,
    };
}
