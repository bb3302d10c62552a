using Orleans.Concurrency;

namespace OrleansInstances.Launches;

/// <summary>
/// One launch config, keyed by its id: a one-time permission to bring an instance up elsewhere, and its verification.
/// Nothing slow is done in here. Who calls asks what to check, checks it, and brings the outcome; every call looks at
/// everything again, so an interruption between two calls leaves the state before or after one of them.
/// A refusal changes nothing, unless it says that it is final: then the config has failed for good.
/// </summary>
[Alias("oi.ILaunchConfigGrain")]
public interface ILaunchConfigGrain : IGrainWithGuidKey
{
    /// <summary>Issues the config, once; a second call on the same id answers what is there. For a job it enters the miner into the race.</summary>
    [Alias("issue")]
    Task<LaunchReply> IssueAsync(LaunchRequest request);

    /// <summary>The config as stored; refused (<see cref="LaunchRefusalKind.Unauthorized"/>) when there is none.</summary>
    [Alias("get")]
    [AlwaysInterleave]
    Task<LaunchReply> GetAsync();

    /// <summary>Whether a claim is let in: single use, chute, miner, capacity, a job's address. For who has to check more before <see cref="CheckClaimAsync"/>.</summary>
    [Alias("admit_claim")]
    Task<ClaimAdmission> AdmitClaimAsync(LaunchClaim claim);

    /// <summary>All that can be said of a claim before its GPU is challenged; answers the GPU, chosen at random, and the work that it is given.</summary>
    [Alias("check_claim")]
    Task<ClaimPlan> CheckClaimAsync(LaunchClaim claim);

    /// <summary>
    /// Claims the config: everything is looked at once more and stored in one transaction. The time that the proof takes
    /// counts from here.
    /// </summary>
    [Alias("claim")]
    Task<LaunchReply> ClaimAsync(LaunchClaim claim, ClaimChallenge challenge);

    /// <summary>Whether the proof comes in time for a config that waits for it, and what is to be checked of it.</summary>
    [Alias("check_verify")]
    Task<VerifyPlan> CheckVerifyAsync();

    /// <summary>Stores the outcome of that check. A failure is final and deletes the instance; it is answered as a refusal with its text.</summary>
    /// <param name="failure">Why the proof is not accepted; null when it is.</param>
    [Alias("verify")]
    Task<LaunchReply> VerifyAsync(LaunchFailure? failure);

    /// <summary>A claim that something else than this grain's rules refused: final.</summary>
    [Alias("fail")]
    Task<LaunchReply> FailAsync(LaunchFailure failure);

    /// <summary>Says that the instance serves; the first call starts it, further ones change nothing.</summary>
    [Alias("activate")]
    Task<LaunchReply> ActivateAsync();

    /// <summary>Ends what is overdue. Harmless at any time.</summary>
    [Alias("wake")]
    Task WakeAsync();
}
