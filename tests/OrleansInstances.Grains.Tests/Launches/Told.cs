using OrleansInstances.Grains.Launches;
using OrleansInstances.Launches;

namespace OrleansInstances.Grains.Tests.Launches;

/// <summary>A claim that is good, and the facts that make it so; each test spoils one of them.</summary>
internal static class Told
{
    public static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    public static readonly Guid ConfigId = new("11111111-1111-4111-8111-111111111111");

    public static readonly Guid InstanceId = new("22222222-2222-4222-8222-222222222222");

    public static readonly Guid Other = new("33333333-3333-4333-8333-333333333333");

    public static readonly Chute Chute = new()
    {
        ChuteId = "c1",
        Name = "llm",
        Version = "v1",
        ChutesVersion = "0.3.0",
        NodeSelector = new NodeSelector(2, 40),
        TargetCount = 3,
    };

    public static readonly ChuteMiner Miner = new("alice", "cold", 7);

    public static readonly LaunchClaim Claim = new()
    {
        Gpus = ["g1", "g2"],
        Host = "203.0.113.7",
        Ports = [new PortMapping(8000, 9000, "tcp"), new PortMapping(8001, 9001, "tcp")],
        CallerAddress = "198.51.100.1",
    };

    public static readonly ClaimChallenge Challenge = new("g1", 42, "00112233445566778899aabbccddeeff");

    public static readonly StoredChuteJob Job = new()
    {
        Job = new ChuteJob { JobId = "j1", ChuteId = "c1", Method = "train", Ports = [new JobPort(2222, "tcp"), new JobPort(80, "http")], DiskGb = 5 },
        Racers = ["alice"],
    };

    /// <summary>That fits <see cref="Job"/>.</summary>
    public static readonly LaunchClaim JobClaim = Claim with
    {
        CallerAddress = Claim.Host,
        Ports = [.. Claim.Ports, new PortMapping(2222, 9002, "tcp"), new PortMapping(80, 9003, "tcp")],
    };

    public static LaunchFacts Facts => new()
    {
        Config = LaunchLifecycle.Issue(ConfigId, "aa", Chute, Miner, null, Now),
        Chute = Chute,
        Miner = Miner,
        Gpus = [Gpu("g1"), Gpu("g2")],
    };

    public static LaunchFacts JobFacts => Facts with { Config = LaunchLifecycle.Issue(ConfigId, "aa", Chute, Miner, Job.Job, Now), Job = Job };

    public static HeldGpu Gpu(string uuid) => new(
        new ChuteGpu { Uuid = uuid, MinerHotkey = "alice", Gpu = "a6000", Name = "NVIDIA RTX A6000", Memory = 1, VerificationHost = "203.0.113.7", Verified = true }, null);

    /// <summary>As stored after a good claim.</summary>
    public static LaunchFacts Claimed(LaunchFacts facts, LaunchClaim claim)
    {
        var decision = ClaimRules.Claim(facts, ConfigId, claim, Challenge, InstanceId, Now);
        Assert.Null(decision.Refusal);
        return facts with { Config = decision.Config, Instance = decision.Instance, Job = decision.Job };
    }

    public static LaunchFacts Verified
    {
        get
        {
            var facts = Claimed(Facts, Claim);
            var decision = VerifyRules.Verify(facts, ConfigId, null, Now);
            return facts with { Config = decision.Config, Instance = decision.Instance };
        }
    }
}
