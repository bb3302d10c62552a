using System.Collections.Immutable;
using System.Globalization;
using OrleansInstances.Launches;

namespace OrleansInstances.Grains.Launches;

/// <summary>What holds for the instances of chutes, with and without a launch config.</summary>
public static class ChuteInstanceRules
{
    public const string TooLate = "Instance failed to verify within a reasonable amount of time";

    public static readonly LaunchRefusal NotFound = new(LaunchRefusalKind.NotFound, "Instance not found.");

    /// <summary>From this version of the protocol on there is no instance without a launch config.</summary>
    private static readonly Version LaunchConfigsFrom = new(0, 3, 0);

    /// <summary>Whether programs of this chute ask for launch configs.</summary>
    public static bool NeedsLaunchConfig(Chute chute) => ProtocolOf(chute) >= LaunchConfigsFrom;

    /// <summary>The numbers of a chute's version of the protocol; 0.0 when it says none.</summary>
    public static Version ProtocolOf(Chute chute)
    {
        var numbers = (chute.ChutesVersion ?? "").Split('-', '+', 'r')[0].Split('.').Take(3)
            .Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0)
            .Concat([0, 0, 0])
            .ToArray();
        return new Version(numbers[0], numbers[1], numbers[2]);
    }

    public static ChuteInstanceSnapshot New(
        Guid instanceId, Chute chute, ChuteMiner miner, string host, int port, ImmutableArray<string> gpus, DateTimeOffset now) => new()
        {
            InstanceId = instanceId,
            ChuteId = chute.ChuteId,
            Version = chute.Version,
            ChutesVersion = chute.ChutesVersion,
            Host = host,
            Port = port,
            Gpus = gpus,
            MinerHotkey = miner.Hotkey,
            MinerColdkey = miner.Coldkey,
            MinerUid = miner.Uid,
            CreatedAt = now,
            UpdatedAt = now,
        };

    /// <summary>Whether this miner may bring up an instance of this chute on these GPUs at this host; null when it may.</summary>
    public static LaunchRefusal? RefuseGpus(LaunchFacts facts, ImmutableArray<string> uuids, string hotkey, string host)
    {
        var chute = facts.Chute!;
        if (uuids.Distinct(StringComparer.Ordinal).Count() != chute.NodeSelector.GpuCount)
        {
            return Invalid($"chute.chute_id='{chute.ChuteId}' chute.name='{chute.Name}' requires exactly {chute.NodeSelector.GpuCount} GPUs.");
        }

        var gpus = facts.Gpus.ToDictionary(held => held.Gpu.Uuid, StringComparer.Ordinal);
        foreach (var uuid in uuids)
        {
            var refusal = gpus.GetValueOrDefault(uuid) switch
            {
                null => new LaunchRefusal(LaunchRefusalKind.NotFound, $"Node {uuid} not found"),
                { Gpu: var gpu } when gpu.MinerHotkey != hotkey => new LaunchRefusal(LaunchRefusalKind.NotFound, $"Node {uuid} not found"),
                { Gpu.Verified: false } => Invalid($"GPU {uuid} is not yet verified, and cannot be associated with an instance"),
                { InstanceId: { } holder } => new LaunchRefusal(LaunchRefusalKind.Conflict, $"GPU {uuid} is already assigned to instance: {holder}"),
                { Gpu: var gpu } when !GpuTable.Fits(chute.NodeSelector, gpu.Gpu) => Invalid($"Node {uuid} is not compatible with chute node selector!"),
                _ => null,
            };
            if (refusal is not null)
            {
                return refusal;
            }
        }

        var elsewhere = facts.Gpus.FirstOrDefault(held => !held.Gpu.VerificationHost.Equals(host, StringComparison.OrdinalIgnoreCase));
        return elsewhere is null
            ? null
            : Invalid($"Instance hostname does not match the node verification hostname: {host} vs {elsewhere.Gpu.VerificationHost}");
    }

    public static LaunchRefusal AddressTaken(string host, int port) =>
        new(LaunchRefusalKind.Conflict, string.Create(CultureInfo.InvariantCulture, $"Host/port {host}:{port} is already in use by another instance."));

    /// <summary>One without a launch config. What its host must look like was looked at before.</summary>
    public static LaunchDecision Create(LaunchFacts facts, Guid instanceId, ChuteInstanceRequest request, DateTimeOffset now)
    {
        if (facts.Instance is not null)
        {
            return new LaunchDecision();
        }

        var refusal = RefuseRequest(facts, request)
            ?? (facts.AddressTaken ? AddressTaken(request.Host, request.Port) : null)
            ?? LaunchCapacity.Refuse(facts.Chute!, facts.Population)
            ?? RefuseGpus(facts, request.Gpus, request.Hotkey, request.Host);
        return refusal is not null
            ? refusal
            : new LaunchDecision
            {
                Instance = new StoredChuteInstance(New(instanceId, facts.Chute!, facts.Miner!, request.Host, request.Port, request.Gpus, now), SymmetricKey: null),
            };
    }

    /// <summary>What can be said of a request for one without a launch config before its address is looked at.</summary>
    private static LaunchRefusal? RefuseRequest(LaunchFacts facts, ChuteInstanceRequest request) =>
        MinerRules.Refuse(facts.Miner, request.Hotkey)
        ?? (facts.Chute is not { } chute ? MinerRules.NoChute(request.ChuteId)
            : NeedsLaunchConfig(chute) ? Invalid("Your miner is outdated, you must upgrade to support launch configs.")
            : request.Port is < 1 or > 65535 ? Invalid(string.Create(CultureInfo.InvariantCulture, $"Invalid instance port: {request.Port}"))
            : null);

    public static LaunchDecision Activate(LaunchFacts facts, string chuteId, string hotkey, DateTimeOffset now) => Find(facts, chuteId, hotkey) switch
    {
        null => NotFound,
        { Shown.Active: true } => new LaunchDecision(),
        var instance => new LaunchDecision { Instance = Activated(instance, now) },
    };

    public static StoredChuteInstance Activated(StoredChuteInstance instance, DateTimeOffset now) => instance with
    {
        Shown = instance.Shown with { Active = true, ActivatedAt = now, UpdatedAt = now },
    };

    /// <param name="failure">Null when it is verified.</param>
    public static StoredChuteInstance Verified(StoredChuteInstance instance, string? failure, DateTimeOffset now) => instance with
    {
        Shown = failure is null
            ? instance.Shown with { Verified = true, VerifiedAt = now, VerificationError = null, UpdatedAt = now }
            : instance.Shown with { VerificationError = failure, UpdatedAt = now },
    };

    public static LaunchDecision Delete(LaunchFacts facts, Guid instanceId, string chuteId, string hotkey, DateTimeOffset now) =>
        Find(facts, chuteId, hotkey) is null
            ? new LaunchRefusal(
                LaunchRefusalKind.NotFound,
                $"Instance with chute_id='{chuteId}' {instanceId} associated with hotkey='{hotkey}' not found")
            : new LaunchDecision
            {
                Job = facts.Job is { FinishedAt: null } job && job.InstanceId == instanceId
                    ? job with
                    {
                        Status = ChuteJobStatus.Error,
                        Error = $"Instance was terminated by miner: hotkey='{hotkey}'",
                        MinerTerminated = true,
                        FinishedAt = now,
                    }
                    : null,
                Ending = new ChuteInstanceEnding(LaunchEventTypes.Deleted, "miner initialized", now),
            };

    public static LaunchDecision Expire(LaunchFacts facts, DateTimeOffset now) => facts.Instance is { ExpiresAt: { } due } && due <= now
        ? new LaunchDecision { Ending = new ChuteInstanceEnding(LaunchEventTypes.Expired, TooLate, now) }
        : new LaunchDecision();

    public static StoredChuteInstance? Find(LaunchFacts facts, string chuteId, string hotkey) =>
        facts.Instance is { } instance && instance.Shown.ChuteId == chuteId && instance.Shown.MinerHotkey == hotkey ? instance : null;

    private static LaunchRefusal Invalid(string message) => new(LaunchRefusalKind.Invalid, message);
}
