using OrleansInstances.Grains.Launches;
using OrleansInstances.Launches;
using static OrleansInstances.Launches.LaunchRefusalKind;

namespace OrleansInstances.Grains.Tests.Launches;

/// <summary>A row for each check, in the order in which clients see them; each facts fail every later check too where they can.</summary>
public sealed class ClaimRulesTests
{
    [Fact]
    public void A_good_claim_takes_the_config_and_makes_the_instance()
    {
        var decision = ClaimRules.Claim(Told.Facts, Told.ConfigId, Told.Claim, Told.Challenge, Told.InstanceId, Told.Now.AddSeconds(5));

        Assert.Equal((LaunchStatus.Claimed, 42L, Told.InstanceId, Told.Now.AddSeconds(5)), (decision.Config!.Status, decision.Config.Seed, decision.Config.InstanceId!.Value, decision.Config.ClaimedAt!.Value));
        var (shown, key) = decision.Instance!;
        Assert.Equal(Told.Challenge.SymmetricKey, key);
        Assert.Equal((Told.InstanceId, "c1", "v1", "0.3.0", Told.ConfigId, Told.Claim.Host, 9000, "alice"), (shown.InstanceId, shown.ChuteId, shown.Version, shown.ChutesVersion, shown.ConfigId!.Value, shown.Host, shown.Port, shown.MinerHotkey));
        Assert.False(shown.Active || shown.Verified);
        Assert.Null(decision.Refusal);
    }

    [Fact]
    public void A_jobs_claim_takes_the_job()
    {
        var decision = ClaimRules.Claim(Told.JobFacts, Told.ConfigId, Told.JobClaim, Told.Challenge, Told.InstanceId, Told.Now);

        Assert.Equal((Told.ConfigId, Told.InstanceId, "alice"), (decision.Job!.ConfigId!.Value, decision.Job.InstanceId!.Value, decision.Job.MinerHotkey));
    }

    [Fact]
    public void A_jobs_claim_is_not_asked_for_room() =>
        Assert.Null(ClaimRules.Check(Told.JobFacts with { Population = new ChutePopulation(9, 9, 9) }, Told.ConfigId, Told.JobClaim, Told.Now).Refusal);

    [Fact]
    public void Before_the_program_is_looked_at()
    {
        var bad = Told.Facts with { Chute = null, Miner = null, Gpus = [], AddressTaken = true };
        Assert.Equal((Unauthorized, $"Launch config {Told.ConfigId} not found in database."), Unchanged(bad with { Config = null }));
        Assert.Equal((Forbidden, "Launch config failed verification: why"), Unchanged(bad with { Config = After(new LaunchInput.Fail("why")) }));
        Assert.Equal((Unauthorized, "Missing or invalid launch config JWT"), Unchanged(bad with { Config = After(new LaunchInput.Expire("late")) }));
        Assert.Equal(
            (Unauthorized, $"Launch config config_id='{Told.ConfigId}' has already been retrieved: config.retrieved_at=2026-01-01 12:00:00.000000"),
            Unchanged(bad with { Config = After(new LaunchInput.Claim(Told.InstanceId, 1)) }));
        Assert.Equal((NotFound, "Chute c1 not found"), Unchanged(bad));
        Assert.Equal((NotFound, "Miner with hotkey alice not found in metagraph"), Unchanged(bad with { Chute = Told.Chute }));
        Assert.Equal((Forbidden, "Your hotkey has been blacklisted: spam"), Unchanged(bad with { Chute = Told.Chute, Miner = Told.Miner with { BlacklistReason = "spam" } }));
        Assert.Equal(
            (AtCapacity, "Chute c1 has reached its target capacity of 3 instances."),
            Unchanged(Told.Facts with { Gpus = [], Population = new ChutePopulation(3, 1, 0) }));
    }

    [Fact]
    public void Of_a_job()
    {
        var bad = Told.JobFacts with { Gpus = [], AddressTaken = true };
        var wrongPorts = Told.JobClaim with { Ports = Told.Claim.Ports };
        var taken = Told.Job with { ConfigId = Told.Other };
        Assert.Equal(
            (Invalid, "Egress and ingress IPs much match for jobs: 198.51.100.1 vs 203.0.113.7"),
            Unchanged(bad with { Job = taken }, wrongPorts with { CallerAddress = "198.51.100.1" }));
        Assert.Equal(
            (Conflict, "Job j1 has already been claimed by another miner!", "Job was already claimed by another miner"),
            Final(bad with { Job = taken }, wrongPorts));
        Assert.Equal(Conflict, Final(bad with { Job = Told.Job with { FinishedAt = Told.Now } }, wrongPorts).Kind);
        Assert.Equal((NotFound, "Job j1 no longer exists!"), Unchanged(bad with { Job = null }, wrongPorts));
        Assert.Equal((Forbidden, "Invalid port mappings provided: [], but the job needs [tcp:2222, tcp:80]"), Unchanged(bad, wrongPorts));
        Assert.Equal(Forbidden, Unchanged(bad, Told.JobClaim with { Ports = [.. Told.JobClaim.Ports, new PortMapping(99, 9004, "tcp")] }).Kind);
        Assert.Equal(
            Forbidden, Unchanged(bad, Told.JobClaim with { Ports = [.. Told.Claim.Ports, new PortMapping(2222, 9002, "udp"), new PortMapping(80, 9003, "tcp")] }).Kind);
    }

    [Fact]
    public void Of_gpus()
    {
        var none = Told.Facts with { Gpus = [], AddressTaken = true };
        Assert.Equal((Invalid, "Duplicate GPUs in request!"), Unchanged(none, Told.Claim with { Gpus = ["g1", "g1"] }));
        Assert.Equal((Invalid, "chute.chute_id='c1' chute.name='llm' requires exactly 2 GPUs.", ClaimRules.InvalidGpus), Final(none, Told.Claim with { Gpus = ["g1"] }));
        Assert.Equal((NotFound, "Node g1 not found", ClaimRules.InvalidGpus), Final(none));
        Assert.Equal((NotFound, "Node g2 not found", ClaimRules.InvalidGpus), Final(With(gpu => gpu with { MinerHotkey = "bob", Verified = false })));
        Assert.Equal(
            (Invalid, "GPU g2 is not yet verified, and cannot be associated with an instance", ClaimRules.InvalidGpus),
            Final(With(gpu => gpu with { Verified = false, Gpu = "l4" }, Told.Other)));
        Assert.Equal((Conflict, $"GPU g2 is already assigned to instance: {Told.Other}", ClaimRules.InvalidGpus), Final(With(gpu => gpu with { Gpu = "l4" }, Told.Other)));
        Assert.Equal(
            (Invalid, "Node g2 is not compatible with chute node selector!", ClaimRules.InvalidGpus), Final(With(gpu => gpu with { Gpu = "l4", VerificationHost = "elsewhere" })));
        Assert.Equal(
            (Invalid, "Instance hostname does not match the node verification hostname: 203.0.113.7 vs elsewhere", ClaimRules.InvalidGpus),
            Final(With(gpu => gpu with { VerificationHost = "elsewhere" })));
        Assert.Equal((Conflict, "Host/port 203.0.113.7:9000 is already in use by another instance."), Unchanged(Told.Facts with { AddressTaken = true }));
    }

    [Fact]
    public void Hosts_are_the_same_in_any_case()
    {
        var facts = Told.Facts with { Gpus = [.. Told.Facts.Gpus.Select(held => held with { Gpu = held.Gpu with { VerificationHost = "Node.Example" } })] };

        Assert.Null(ClaimRules.Check(facts, Told.ConfigId, Told.Claim with { Host = "node.example" }, Told.Now).Refusal);
    }

    private static LaunchConfigSnapshot After(LaunchInput input) => LaunchLifecycle.Apply(Told.Facts.Config!, input, Told.Now)!;

    /// <summary>The good facts with the second GPU changed, and the address taken.</summary>
    private static LaunchFacts With(Func<ChuteGpu, ChuteGpu> change, Guid? holder = null) => Told.Facts with
    {
        Gpus = [Told.Gpu("g1"), new HeldGpu(change(Told.Gpu("g2").Gpu), holder)],
        AddressTaken = true,
    };

    private static (LaunchRefusalKind Kind, string Message) Unchanged(LaunchFacts facts, LaunchClaim? claim = null)
    {
        var decision = ClaimRules.Claim(facts, Told.ConfigId, claim ?? Told.Claim, Told.Challenge, Told.InstanceId, Told.Now);
        Assert.Equal((null, null, null, null), (decision.Config, decision.Instance, decision.Job, decision.Ending));
        Assert.False(decision.Refusal!.Final);
        return (decision.Refusal.Kind, decision.Refusal.Message);
    }

    private static (LaunchRefusalKind Kind, string Message, string? Reason) Final(LaunchFacts facts, LaunchClaim? claim = null)
    {
        var decision = ClaimRules.Claim(facts, Told.ConfigId, claim ?? Told.Claim, Told.Challenge, Told.InstanceId, Told.Now);
        Assert.Equal((null, null, null), (decision.Instance, decision.Job, decision.Ending));
        Assert.True(decision.Refusal!.Final);
        Assert.Equal(LaunchStatus.Failed, decision.Config!.Status);
        Assert.Equal((Forbidden, $"Launch config failed verification: {decision.Config.Reason}"), Unchanged(facts with { Config = decision.Config }, claim));
        return (decision.Refusal.Kind, decision.Refusal.Message, decision.Config.Reason);
    }
}
