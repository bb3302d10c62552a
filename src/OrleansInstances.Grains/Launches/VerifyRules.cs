using System.Globalization;
using OrleansInstances.Launches;
using static OrleansInstances.Launches.LaunchStatus;

namespace OrleansInstances.Grains.Launches;

/// <summary>What becomes of a launch config that was claimed.</summary>
public static class VerifyRules
{
    /// <summary>Whether a proof can still be accepted; whoever asks has received one now.</summary>
    public static LaunchDecision Check(LaunchFacts facts, Guid configId, DateTimeOffset now)
    {
        if (RefuseProof(facts, configId) is { } refusal)
        {
            return refusal;
        }

        var config = facts.Config!;
        if (facts.Instance is not { } instance)
        {
            return End(facts, new LaunchRefusal(LaunchRefusalKind.NotFound, "Instance disappeared (did you update gepetto reconcile?)", Final: true), "Instance was deleted", now);
        }

        // A kind that the table lost since was known when the config was claimed.
        var taken = now - config.ClaimedAt!.Value;
        var deadline = facts.Gpus.Length > 0 && GpuTable.Kinds.TryGetValue(facts.Gpus[0].Gpu.Gpu, out var kind) ? kind.Deadline : TimeSpan.MaxValue;
        if (taken < deadline)
        {
            return new LaunchDecision();
        }

        var late = string.Create(
            CultureInfo.InvariantCulture,
            $"PoVW encrypted response for config_id='{configId}' and instance_id='{instance.Shown.InstanceId}' miner_hotkey='{config.MinerHotkey}' took {taken.TotalSeconds:0.######} seconds, exceeding maximum estimate of {deadline.TotalSeconds:0.######}");
        return Fail(facts, configId, new LaunchFailure(late, late), now);
    }

    /// <param name="failure">Null when the proof is accepted.</param>
    public static LaunchDecision Verify(LaunchFacts facts, Guid configId, LaunchFailure? failure, DateTimeOffset now)
    {
        if (RefuseProof(facts, configId) is { } refusal)
        {
            return refusal;
        }

        if (failure is not null || facts.Instance is not { } instance)
        {
            return facts.Instance is null ? Check(facts, configId, now) : Fail(facts, configId, failure!, now);
        }

        return new LaunchDecision
        {
            Config = LaunchLifecycle.Apply(facts.Config!, new LaunchInput.Verify(), now),
            Instance = ChuteInstanceRules.Verified(instance, failure: null, now),
            Job = facts.Job is { } job && job.ConfigId == configId ? job with { Status = ChuteJobStatus.Running, StartedAt = now } : null,
        };
    }

    /// <summary>Ends a config that is not verified yet, and with it what it brought up.</summary>
    public static LaunchDecision Fail(LaunchFacts facts, Guid configId, LaunchFailure failure, DateTimeOffset now) => facts.Config switch
    {
        null => ClaimRules.NotThere(configId),
        { Status: Failed } failed => ClaimRules.HasFailed(failed),
        { Status: Issued or Claimed } => End(facts, new LaunchRefusal(LaunchRefusalKind.Forbidden, failure.Message, Final: true), failure.Reason, now),
        _ => new LaunchRefusal(LaunchRefusalKind.Conflict, "Launch config can't fail any more."),
    };

    public static LaunchDecision Activate(LaunchFacts facts, Guid configId, DateTimeOffset now) => facts switch
    {
        { Config: null } => ClaimRules.NotThere(configId),
        { Config.VerifiedAt: null } => new LaunchRefusal(LaunchRefusalKind.Forbidden, "Launch config has not been verified."),
        { Instance: null } => new LaunchRefusal(LaunchRefusalKind.NotFound, $"Instance has disappeared for launch_config_id='{configId}'"),
        { Config: { Status: Verified } config, Instance: var instance } => new LaunchDecision
        {
            Config = LaunchLifecycle.Apply(config, new LaunchInput.Activate(), now),
            Instance = instance.Shown.Active ? null : ChuteInstanceRules.Activated(instance, now),
        },
        _ => new LaunchDecision(),
    };

    /// <summary>Ends what is overdue.</summary>
    public static LaunchDecision Expire(LaunchFacts facts, DateTimeOffset now)
    {
        if (facts.Config is not { } config || !(LaunchLifecycle.DueAt(config) <= now))
        {
            return new LaunchDecision();
        }

        // One that is served without having been activated by its own config is through.
        if (config.Status == Verified && facts.Instance is { Shown.Active: true })
        {
            return new LaunchDecision { Config = LaunchLifecycle.Apply(config, new LaunchInput.Activate(), now) };
        }

        var reason = config.Status == Issued ? "It was not claimed in time."
            : facts.Instance is null ? "Instance was deleted"
            : ChuteInstanceRules.TooLate;
        return new LaunchDecision
        {
            Config = LaunchLifecycle.Apply(config, new LaunchInput.Expire(reason), now),
            Ending = facts.Instance is null ? null : new ChuteInstanceEnding(LaunchEventTypes.Expired, reason, now),
        };
    }

    private static LaunchRefusal? RefuseProof(LaunchFacts facts, Guid configId) => facts.Config switch
    {
        null => ClaimRules.NotThere(configId),
        { VerifiedAt: not null } => new LaunchRefusal(LaunchRefusalKind.Invalid, $"Launch config has already been verified: {configId}"),
        { Status: Failed } failed => ClaimRules.HasFailed(failed),
        { Status: Issued } => new LaunchRefusal(LaunchRefusalKind.Conflict, "Launch config has not been claimed."),
        { Status: Expired } => new LaunchRefusal(LaunchRefusalKind.NotFound, "Instance disappeared (did you update gepetto reconcile?)"),
        _ => null,
    };

    private static LaunchDecision End(LaunchFacts facts, LaunchRefusal refusal, string reason, DateTimeOffset now) => new()
    {
        Refusal = refusal,
        Config = LaunchLifecycle.Apply(facts.Config!, new LaunchInput.Fail(reason), now),
        Ending = facts.Instance is null ? null : new ChuteInstanceEnding(LaunchEventTypes.Failed, reason, now),
    };
}
