using System.Collections.Immutable;
using System.Globalization;
using OrleansInstances.Launches;

namespace OrleansInstances.Grains.Launches;

/// <summary>Whether a launch config is claimed: the checks in the order in which clients see them.</summary>
public static class ClaimRules
{
    public const string InvalidGpus = "invalid GPU/nodes configuration provided";

    /// <summary>Every program serves and logs on these; a job's own ports come on top.</summary>
    public static readonly ImmutableArray<int> DefaultPorts = [8000, 8001];

    /// <summary>What can be said before the program and its GPUs are looked at; none of it ends the config.</summary>
    public static LaunchRefusal? Admit(LaunchFacts facts, Guid configId, LaunchClaim claim) => facts switch
    {
        { Config: null } => NotThere(configId),
        { Config: { Status: LaunchStatus.Failed } failed } => HasFailed(failed),
        { Config: { Status: LaunchStatus.Expired } } => new LaunchRefusal(LaunchRefusalKind.Unauthorized, "Missing or invalid launch config JWT"),
        { Config: { ClaimedAt: { } at } } => new LaunchRefusal(
            LaunchRefusalKind.Unauthorized,
            $"Launch config config_id='{configId}' has already been retrieved: config.retrieved_at={at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture)}"),
        { Chute: null } => MinerRules.NoChute(facts.Config.ChuteId),
        _ when MinerRules.Refuse(facts.Miner, facts.Config.MinerHotkey) is { } refusal => refusal,
        { Config.JobId: null } => LaunchCapacity.Refuse(facts.Chute, facts.Population),
        _ when claim.CallerAddress != claim.Host => new LaunchRefusal(
            LaunchRefusalKind.Invalid, $"Egress and ingress IPs much match for jobs: {claim.CallerAddress} vs {claim.Host}"),
        _ => null,
    };

    /// <summary>All checks. One that ends the config for good comes with it as failed.</summary>
    public static LaunchDecision Check(LaunchFacts facts, Guid configId, LaunchClaim claim, DateTimeOffset now)
    {
        if (Admit(facts, configId, claim) is { } notAdmitted)
        {
            return notAdmitted;
        }

        var config = facts.Config!;
        return (config.JobId is { } jobId ? RefuseJob(facts.Job, jobId, claim) : null) is { } job ? End(config, job, now)
            : RefuseGpus(facts, claim) is { } gpus ? End(config, gpus, now)
            : facts.AddressTaken ? ChuteInstanceRules.AddressTaken(claim.Host, claim.Ports[0].ExternalPort)
            : new LaunchDecision();
    }

    public static LaunchDecision Claim(LaunchFacts facts, Guid configId, LaunchClaim claim, ClaimChallenge challenge, Guid instanceId, DateTimeOffset now)
    {
        var decision = Check(facts, configId, claim, now);
        if (decision.Refusal is not null)
        {
            return decision;
        }

        var config = LaunchLifecycle.Apply(facts.Config!, new LaunchInput.Claim(instanceId, challenge.Seed), now)!;
        var shown = ChuteInstanceRules.New(instanceId, facts.Chute!, facts.Miner!, claim.Host, claim.Ports[0].ExternalPort, claim.Gpus, now) with
        {
            ConfigId = configId,
            JobId = config.JobId,
            Ports = claim.Ports,
        };
        return new LaunchDecision
        {
            Config = config,
            Instance = new StoredChuteInstance(shown, challenge.SymmetricKey),
            Job = facts.Job is { } job
                ? job with { ConfigId = configId, InstanceId = instanceId, MinerHotkey = config.MinerHotkey }
                : null,
        };
    }

    /// <summary>What of a claim's mappings is a job's own.</summary>
    public static ImmutableArray<PortMapping> OwnPorts(ImmutableArray<PortMapping> ports) =>
        [.. ports.Where(port => !DefaultPorts.Contains(port.InternalPort))];

    public static LaunchRefusal NotThere(Guid configId) =>
        new(LaunchRefusalKind.Unauthorized, $"Launch config {configId} not found in database.");

    public static LaunchRefusal HasFailed(LaunchConfigSnapshot config) =>
        new(LaunchRefusalKind.Forbidden, $"Launch config failed verification: {config.Reason}");

    private static Refused? RefuseJob(StoredChuteJob? job, string jobId, LaunchClaim claim)
    {
        if (job is null)
        {
            return new(LaunchRefusalKind.NotFound, $"Job {jobId} no longer exists!");
        }

        if (job.ConfigId is not null || job.FinishedAt is not null)
        {
            return new(LaunchRefusalKind.Conflict, $"Job {jobId} has already been claimed by another miner!", "Job was already claimed by another miner");
        }

        var offered = OwnPorts(claim.Ports).Select(port => Service(port.Proto, port.InternalPort)).ToHashSet();
        var declared = job.Job.Ports.Select(port => Service(port.Proto, port.Port)).ToHashSet();
        return offered.SetEquals(declared)
            ? null
            : new(LaunchRefusalKind.Forbidden, $"Invalid port mappings provided: {Words(offered)}, but the job needs {Words(declared)}");
    }

    private static Refused? RefuseGpus(LaunchFacts facts, LaunchClaim claim)
    {
        if (claim.Gpus.Distinct(StringComparer.Ordinal).Count() != claim.Gpus.Length)
        {
            return new(LaunchRefusalKind.Invalid, "Duplicate GPUs in request!");
        }

        return ChuteInstanceRules.RefuseGpus(facts, claim.Gpus, facts.Config!.MinerHotkey, claim.Host) is { } refusal
            ? new(refusal.Kind, refusal.Message, InvalidGpus)
            : null;
    }

    /// <summary>Without a reason it is a refusal like any other: the same token may be used again.</summary>
    private static LaunchDecision End(LaunchConfigSnapshot config, Refused refused, DateTimeOffset now) => refused.Reason is null
        ? new LaunchRefusal(refused.Kind, refused.Message)
        : new LaunchDecision
        {
            Refusal = new LaunchRefusal(refused.Kind, refused.Message, Final: true),
            Config = LaunchLifecycle.Apply(config, new LaunchInput.Fail(refused.Reason), now),
        };

    /// <summary>A miner offers an http port of a job as a service of tcp.</summary>
    private static string Service(string proto, int port) =>
        string.Create(CultureInfo.InvariantCulture, $"{(proto is "http" ? "tcp" : proto)}:{port}");

    private static string Words(HashSet<string> services) => $"[{string.Join(", ", services.Order(StringComparer.Ordinal))}]";

    private sealed record Refused(LaunchRefusalKind Kind, string Message, string? Reason = null);
}
