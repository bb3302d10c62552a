using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using OrleansInstances.Launches;

namespace OrleansInstances.Grains.Launches;

/// <summary>
/// The shell around the rules of launch configs. The stored row is the state: every request is decided by the rules on what
/// the store has now, and stored with whatever it takes, in one transaction.
/// </summary>
[GrainType("launch_config")]
public sealed partial class LaunchConfigGrain(ILaunchStore store, ILaunchEvents events, TimeProvider time, ILogger<LaunchConfigGrain> logger)
    : Grain, ILaunchConfigGrain
{
    private const int EnvKeyBytes = 16;

    private Guid Id => this.GetPrimaryKey();

    private LaunchQuestion ThisConfig => new() { ConfigId = Id };

    public async Task<LaunchReply> IssueAsync(LaunchRequest request)
    {
        var envKey = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(EnvKeyBytes));
        var question = new LaunchQuestion { ConfigId = Id, ChuteId = request.ChuteId, JobId = request.JobId, Hotkey = request.Hotkey };
        return await DecideAsync(question, facts => IssueRules.Decide(facts, request, Id, envKey, Now));
    }

    public async Task<LaunchReply> GetAsync() => await store.FindConfigAsync(Id) is { } config
        ? new LaunchReply(config, null, null, null)
        : new LaunchReply(null, null, null, ClaimRules.NotThere(Id));

    public async Task<ClaimAdmission> AdmitClaimAsync(LaunchClaim claim)
    {
        var outcome = await store.DecideAsync(Of(claim), facts => ClaimRules.Admit(facts, Id, claim) is { } refusal ? refusal : new LaunchDecision());
        return new ClaimAdmission(outcome.Config, outcome.Facts.Chute, outcome.Decision.Refusal);
    }

    public async Task<ClaimPlan> CheckClaimAsync(LaunchClaim claim)
    {
        var outcome = await store.DecideAsync(Of(claim), facts => ClaimRules.Check(facts, Id, claim, Now));
        await FollowAsync(outcome);
        if (outcome.Decision.Refusal is { } refusal)
        {
            return new ClaimPlan(outcome.Config, null, 0, refusal);
        }

        var gpu = AnyOf(outcome.Facts);
        return new ClaimPlan(outcome.Config, gpu, GpuTable.Kinds[gpu.Gpu].Iterations, null);
    }

    public Task<LaunchReply> ClaimAsync(LaunchClaim claim, ClaimChallenge challenge)
    {
        var instanceId = Guid.NewGuid();
        return DecideAsync(Of(claim), facts => ClaimRules.Claim(facts, Id, claim, challenge, instanceId, Now));
    }

    public async Task<VerifyPlan> CheckVerifyAsync()
    {
        var outcome = await store.DecideAsync(ThisConfig, facts => VerifyRules.Check(facts, Id, Now));
        await FollowAsync(outcome);
        if (outcome.Decision.Refusal is { } refusal)
        {
            return new VerifyPlan(outcome.Config, outcome.Instance?.Shown, outcome.Facts.Chute, null, null, [], refusal);
        }

        var instance = outcome.Instance!;
        var probes = outcome.Config!.JobId is null ? [] : ClaimRules.OwnPorts(instance.Shown.Ports);
        return new VerifyPlan(outcome.Config, instance.Shown, outcome.Facts.Chute, instance.SymmetricKey, AnyOf(outcome.Facts), probes, null);
    }

    public Task<LaunchReply> VerifyAsync(LaunchFailure? failure) => DecideAsync(ThisConfig, facts => VerifyRules.Verify(facts, Id, failure, Now));

    public Task<LaunchReply> FailAsync(LaunchFailure failure) => DecideAsync(ThisConfig, facts => VerifyRules.Fail(facts, Id, failure, Now));

    public Task<LaunchReply> ActivateAsync() => DecideAsync(ThisConfig, facts => VerifyRules.Activate(facts, Id, Now));

    public Task WakeAsync() => DecideAsync(ThisConfig, facts => VerifyRules.Expire(facts, Now));

    private DateTimeOffset Now => time.GetUtcNow();

    private LaunchQuestion Of(LaunchClaim claim) => new()
    {
        ConfigId = Id,
        Gpus = claim.Gpus,
        Host = claim.Host,
        Port = claim.Ports[0].ExternalPort,
    };

    private async Task<LaunchReply> DecideAsync(LaunchQuestion question, Func<LaunchFacts, LaunchDecision> decide)
    {
        var outcome = await store.DecideAsync(question, decide);
        await FollowAsync(outcome);
        return new LaunchReply(outcome.Config, outcome.Instance?.Shown, outcome.Job?.Job, outcome.Decision.Refusal);
    }

    /// <summary>What is stored is done: what does not follow it now does at the next sweep.</summary>
    private async Task FollowAsync(LaunchOutcome outcome)
    {
        var decision = outcome.Decision;
        try
        {
            if ((decision.Instance ?? (decision.Ending is null ? null : outcome.Facts.Instance)) is { } instance)
            {
                await GrainFactory.GetGrain<IChuteInstanceGrain>(instance.Shown.InstanceId).WakeAsync();
            }
            else if (decision.Config is { } config && TypeOf(config) is { } type)
            {
                await events.PublishAsync(new LaunchEvent
                {
                    Type = type,
                    At = Now,
                    ChuteId = config.ChuteId,
                    ConfigId = config.ConfigId,
                    MinerHotkey = config.MinerHotkey,
                    Message = config.Reason,
                });
            }
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogNotFollowed(error, Id);
        }
    }

    /// <summary>What happened to a config alone; what happened to its instance too is told with that.</summary>
    private static string? TypeOf(LaunchConfigSnapshot config) => config.Status switch
    {
        LaunchStatus.Issued => LaunchEventTypes.Issued,
        LaunchStatus.Failed => LaunchEventTypes.Failed,
        LaunchStatus.Expired => LaunchEventTypes.Expired,
        _ => null,
    };

    private static ChuteGpu AnyOf(LaunchFacts facts) => facts.Gpus[Random.Shared.Next(facts.Gpus.Length)].Gpu;

    [LoggerMessage(LogLevel.Warning, "What launch config {ConfigId} decided is stored, but did not reach its instance or its listeners; the next sweep tries again")]
    private partial void LogNotFollowed(Exception error, Guid configId);
}
