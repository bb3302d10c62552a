using System.Security.Cryptography;
using OrleansInstances.Gateway.Dialects.Chutes.Bodies;
using OrleansInstances.Gateway.Dialects.Chutes.Gpus;
using OrleansInstances.Gateway.Dialects.Chutes.Hosts;
using OrleansInstances.Gateway.Dialects.Chutes.Verification;
using OrleansInstances.Gateway.Errors;
using OrleansInstances.Gateway.Instances;
using OrleansInstances.Grains.Launches;
using OrleansInstances.Launches;

namespace OrleansInstances.Gateway.Dialects.Chutes;

/// <summary>
/// Brings requests of launch configs to their grains, and does in between what takes long and comes from outside:
/// challenges, proofs and probes. The grain decides before and after, so nothing is half done if it ends in between.
/// </summary>
internal sealed class LaunchDesk(
    IGrainFactory grains,
    IGpuChallenger gpus,
    IEnvironmentVerifier environments,
    IFileSystemVerifier files,
    IPortProber ports,
    TimeProvider time)
{
    private const int SymmetricKeyBytes = 16;

    private const string WrongFiles = "File system verification failure, mismatched hash";

    /// <summary>From this version of the protocol on, pods tell of their files when they claim; before, when they prove.</summary>
    private static readonly Version FilesAtClaim = new(0, 3, 1);

    public Task<LaunchReply> IssueAsync(string chuteId, string? jobId, string hotkey, CancellationToken cancellationToken) =>
        TellAsync(Guid.NewGuid(), config => config.IssueAsync(new LaunchRequest(chuteId, jobId, hotkey)), cancellationToken);

    /// <exception cref="GpuChallengerException">No challenge could be made; the config is as it was.</exception>
    public async Task<ClaimOutcome> ClaimAsync(Guid configId, ClaimBody body, string callerAddress, CancellationToken cancellationToken)
    {
        var claim = body.From(callerAddress);
        var admission = await TellAsync(configId, config => config.AdmitClaimAsync(claim), cancellationToken);
        if (admission.Refusal is { } notAdmitted)
        {
            return ClaimOutcome.Refused(notAdmitted);
        }

        if (await FindFaultAsync(admission.Config!, admission.Chute!, body, cancellationToken) is { } fault)
        {
            return ClaimOutcome.Refused((await TellAsync(configId, config => config.FailAsync(fault), cancellationToken)).Refusal!);
        }

        var plan = await TellAsync(configId, config => config.CheckClaimAsync(claim), cancellationToken);
        if (plan.Refusal is { } refusal)
        {
            return ClaimOutcome.Refused(refusal);
        }

        var gpu = plan.Gpu!;
        var key = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SymmetricKeyBytes));
        var challenge = await gpus.ChallengeAsync(gpu, key, plan.Iterations, cancellationToken);
        var reply = await TellAsync(configId, config => config.ClaimAsync(claim, new ClaimChallenge(gpu.Uuid, challenge.Seed, key)), cancellationToken);
        return reply.Refusal is { } tooLate
            ? ClaimOutcome.Refused(tooLate)
            : new ClaimOutcome(
                new ClaimedReply(
                    challenge.Seed,
                    plan.Iterations,
                    plan.Config!.JobId,
                    new SymmetricKeyReply(challenge.Ciphertext, gpu.Uuid, PodProof.Sentence(configId, challenge.Seed))),
                null);
    }

    /// <exception cref="GpuChallengerException">The proof could not be checked; the config is as it was.</exception>
    public async Task<LaunchReply> VerifyAsync(Guid configId, ProofBody body, CancellationToken cancellationToken)
    {
        var plan = await TellAsync(configId, config => config.CheckVerifyAsync(), cancellationToken);
        if (plan.Refusal is { } refusal)
        {
            return new LaunchReply(plan.Config, null, null, refusal);
        }

        var fault = await FindFaultAsync(plan, body, cancellationToken);
        return await TellAsync(configId, config => config.VerifyAsync(fault), cancellationToken);
    }

    public Task<LaunchReply> ActivateAsync(Guid configId, CancellationToken cancellationToken) =>
        TellAsync(configId, config => config.ActivateAsync(), cancellationToken);

    private async Task<LaunchFailure?> FindFaultAsync(LaunchConfigSnapshot config, Chute chute, ClaimBody body, CancellationToken cancellationToken) =>
        await environments.VerifyAsync(config, chute, body.Environment, body.Code, cancellationToken)
        ?? (ChuteInstanceRules.ProtocolOf(chute) >= FilesAtClaim ? await CompareFilesAsync(config, chute, body.FileSystem, cancellationToken) : null);

    private async Task<LaunchFailure?> FindFaultAsync(VerifyPlan plan, ProofBody body, CancellationToken cancellationToken)
    {
        var (config, chute) = (plan.Config!, plan.Chute!);
        return PodProof.FindFault(config, plan.Instance!, plan.SymmetricKey!, body)
            ?? await CheckWorkAsync(config, plan.Instance!, plan.Gpu!, body, cancellationToken)
            ?? (ChuteInstanceRules.ProtocolOf(chute) < FilesAtClaim ? await CompareFilesAsync(config, chute, body.FileSystem, cancellationToken) : null)
            ?? await ProbeAsync(plan, cancellationToken);
    }

    private async Task<LaunchFailure?> CheckWorkAsync(
        LaunchConfigSnapshot config, ChuteInstanceSnapshot instance, ChuteGpu gpu, ProofBody body, CancellationToken cancellationToken) =>
        body.WorkProductOf(gpu.Uuid) is { } work && await gpus.CheckProofAsync(gpu, config.Seed, work, cancellationToken)
            ? null
            : Fault($"PoVW proof of node {gpu.Uuid} failed for config_id='{config.ConfigId}' instance_id='{instance.InstanceId}' miner_hotkey='{config.MinerHotkey}'.");

    private async Task<LaunchFailure?> CompareFilesAsync(LaunchConfigSnapshot config, Chute chute, string? hash, CancellationToken cancellationToken) =>
        await files.ExpectedHashAsync(config, chute, cancellationToken) is { } expected && expected != hash ? Fault(WrongFiles) : null;

    private async Task<LaunchFailure?> ProbeAsync(VerifyPlan plan, CancellationToken cancellationToken)
    {
        var answers = await Task.WhenAll(plan.Probes.Select(async port => (port, await ports.AnswersAsync(plan.Instance!.Host, port, plan.SymmetricKey!, cancellationToken))));
        return answers.FirstOrDefault(answer => !answer.Item2).port is { } silent
            ? Fault($"Failed port verification on port_map={{'proto': '{silent.Proto}', 'internal_port': {silent.InternalPort}, 'external_port': {silent.ExternalPort}}}")
            : null;
    }

    private static LaunchFailure Fault(string text) => new(text, text);

    private Task<T> TellAsync<T>(Guid configId, Func<ILaunchConfigGrain, Task<T>> request, CancellationToken cancellationToken)
    {
        var config = grains.GetGrain<ILaunchConfigGrain>(configId);
        return SecondTry.UntilTakenAsync(() => request(config)).WaitAsync(InstanceCalls.AtMost, time, cancellationToken);
    }

    /// <summary>What became of a claim; one of the two.</summary>
    internal sealed record ClaimOutcome(ClaimedReply? Reply, LaunchRefusal? Refusal)
    {
        public static ClaimOutcome Refused(LaunchRefusal refusal) => new(null, refusal);
    }
}
