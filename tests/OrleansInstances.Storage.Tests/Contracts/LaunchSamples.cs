using System.Collections.Immutable;
using OrleansInstances.Grains.Launches;
using OrleansInstances.Launches;
using OrleansInstances.Storage.Chutes;

namespace OrleansInstances.Storage.Tests.Contracts;

/// <summary>A small world of chutes, and requests to it as the grains make them.</summary>
internal static class LaunchSamples
{
    public const string Host = "203.0.113.7";

    public static Chute Chute(string id, int? target = 1, int gpus = 1) => new()
    {
        ChuteId = id,
        Name = $"name of {id}",
        Version = "v1",
        ChutesVersion = "0.3.0",
        TargetCount = target,
        NodeSelector = new NodeSelector(gpus),
    };

    public static ChuteMiner Miner(string hotkey) => new(hotkey, "cold", 7);

    public static ChuteGpu Gpu(string uuid, string hotkey = "alice") => new()
    {
        Uuid = uuid,
        MinerHotkey = hotkey,
        Gpu = "a6000",
        Name = "NVIDIA RTX A6000",
        Memory = 48L << 30,
        VerificationHost = Host,
        Verified = true,
        ClockRate = 1.8,
    };

    public static ChuteJob Job(string id, string chute) => new()
    {
        JobId = id,
        ChuteId = chute,
        Method = "train",
        Ports = [new JobPort(2222, "tcp")],
        DiskGb = 10,
        Args = """{"a":1}""",
    };

    /// <summary>The chutes, miner alice, miner bob, and the GPUs g0 to g<paramref name="gpus"/>-1 of alice, b0 to … of bob.</summary>
    public static ChuteInventory World(int gpus, params Chute[] chutes) => new()
    {
        Miners = [Miner("alice"), Miner("bob")],
        Chutes = [.. chutes],
        Gpus = [.. Enumerable.Range(0, gpus).SelectMany(i => new[] { Gpu($"g{i}"), Gpu($"b{i}", "bob") })],
    };

    public static async Task<Guid> IssueAsync(this ILaunchStore store, string chute, string hotkey = "alice", string? job = null)
    {
        var id = Guid.NewGuid();
        var request = new LaunchRequest(chute, job, hotkey);
        var outcome = await store.DecideAsync(
            new LaunchQuestion { ConfigId = id, ChuteId = chute, JobId = job, Hotkey = hotkey },
            facts => IssueRules.Decide(facts, request, id, "00", Samples.Noon));
        Assert.Null(outcome.Decision.Refusal);
        return id;
    }

    public static Task<LaunchOutcome> ClaimAsync(this ILaunchStore store, Guid config, int port, params string[] gpus) =>
        store.ClaimAsync(config, [new PortMapping(8000, port, "tcp")], gpus);

    public static Task<LaunchOutcome> ClaimAsync(this ILaunchStore store, Guid config, ImmutableArray<PortMapping> ports, params string[] gpus)
    {
        var claim = new LaunchClaim { Gpus = [.. gpus], Host = Host, Ports = ports, CallerAddress = Host };
        var instance = Guid.NewGuid();
        return store.DecideAsync(
            new LaunchQuestion { ConfigId = config, Gpus = claim.Gpus, Host = Host, Port = ports[0].ExternalPort },
            facts => ClaimRules.Claim(facts, config, claim, new ClaimChallenge(gpus[0], 42, "ff"), instance, Samples.Noon));
    }

    public static Task<LaunchOutcome> VerifyAsync(this ILaunchStore store, Guid config, LaunchFailure? failure = null) => store.DecideAsync(
        new LaunchQuestion { ConfigId = config }, facts => VerifyRules.Verify(facts, config, failure, Samples.Noon.AddSeconds(1)));

    public static Task<LaunchOutcome> ActivateAsync(this ILaunchStore store, Guid config) => store.DecideAsync(
        new LaunchQuestion { ConfigId = config }, facts => VerifyRules.Activate(facts, config, Samples.Noon.AddSeconds(2)));

    public static Task<LaunchOutcome> DeleteAsync(this ILaunchStore store, ChuteInstanceSnapshot instance) => store.DecideAsync(
        new LaunchQuestion { InstanceId = instance.InstanceId },
        facts => ChuteInstanceRules.Delete(facts, instance.InstanceId, instance.ChuteId, instance.MinerHotkey, Samples.Noon.AddSeconds(3)));
}
