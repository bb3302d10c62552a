using OrleansInstances.Grains.Launches;
using OrleansInstances.Launches;
using static OrleansInstances.Launches.LaunchRefusalKind;

namespace OrleansInstances.Grains.Tests.Launches;

/// <summary>Instances without a launch config, and what both kinds have in common.</summary>
public sealed class ChuteInstanceRulesTests
{
    private static readonly ChuteInstanceRequest Request = new("c1", "alice", ["g1", "g2"], "203.0.113.7", 9000);

    private static LaunchFacts Facts => Told.Facts with { Config = null, Chute = Told.Chute with { ChutesVersion = "0.2.9" } };

    private static LaunchFacts Created => Facts with { Instance = ChuteInstanceRules.Create(Facts, Told.InstanceId, Request, Told.Now).Instance };

    [Fact]
    public void One_is_created_and_a_second_call_creates_no_other()
    {
        var shown = Created.Instance!.Shown;

        Assert.Equal((Told.InstanceId, null, 9000, "0.2.9", false, false), (shown.InstanceId, shown.ConfigId, shown.Port, shown.ChutesVersion, shown.Active, shown.Verified));
        Assert.Equal(new LaunchDecision(), ChuteInstanceRules.Create(Created, Told.InstanceId, Request, Told.Now));
    }

    [Fact]
    public void Refusals_come_in_order()
    {
        var bad = Facts with { Miner = null, Chute = null, AddressTaken = true, Gpus = [], Population = new ChutePopulation(9, 9, 0) };
        Assert.Equal((NotFound, "Miner with hotkey alice not found in metagraph"), Refusal(bad));
        Assert.Equal((NotFound, "Chute c1 not found"), Refusal(bad with { Miner = Told.Miner }));
        bad = bad with { Miner = Told.Miner, Chute = Told.Chute };
        Assert.Equal((Invalid, "Your miner is outdated, you must upgrade to support launch configs."), Refusal(bad));
        bad = bad with { Chute = Facts.Chute };
        Assert.Equal((Conflict, "Host/port 203.0.113.7:9000 is already in use by another instance."), Refusal(bad));
        Assert.Equal(AtCapacity, Refusal(bad with { AddressTaken = false }).Kind);
        Assert.Equal((NotFound, "Node g1 not found"), Refusal(bad with { AddressTaken = false, Population = default }));
        Assert.Equal((Invalid, "Invalid instance port: 0"), Refusal(Facts, Request with { Port = 0 }));
    }

    [Fact]
    public void It_is_activated_by_its_own_miner_alone_and_once()
    {
        Assert.True(ChuteInstanceRules.Activate(Created, "c1", "alice", Told.Now).Instance!.Shown is { Active: true, Verified: false });
        Assert.Equal(ChuteInstanceRules.NotFound, ChuteInstanceRules.Activate(Created, "c1", "bob", Told.Now).Refusal);
        Assert.Equal(ChuteInstanceRules.NotFound, ChuteInstanceRules.Activate(Created, "c2", "alice", Told.Now).Refusal);
        Assert.Equal(ChuteInstanceRules.NotFound, ChuteInstanceRules.Activate(Facts, "c1", "alice", Told.Now).Refusal);

        var active = Created with { Instance = ChuteInstanceRules.Activated(Created.Instance!, Told.Now) };
        Assert.Equal(new LaunchDecision(), ChuteInstanceRules.Activate(active, "c1", "alice", Told.Now));
    }

    [Fact]
    public void It_is_deleted_by_its_own_miner_alone()
    {
        Assert.Equal(new ChuteInstanceEnding(LaunchEventTypes.Deleted, "miner initialized", Told.Now), ChuteInstanceRules.Delete(Created, Told.InstanceId, "c1", "alice", Told.Now).Ending);
        var foreign = ChuteInstanceRules.Delete(Created, Told.InstanceId, "c1", "bob", Told.Now);
        Assert.Equal(new LaunchDecision { Refusal = new(NotFound, $"Instance with chute_id='c1' {Told.InstanceId} associated with hotkey='bob' not found") }, foreign);
    }

    [Fact]
    public void With_a_job_that_goes_on_deletion_ends_the_job_and_leaves_another_instances_alone()
    {
        var claimed = Told.Claimed(Told.JobFacts, Told.JobClaim);

        var job = ChuteInstanceRules.Delete(claimed, Told.InstanceId, "c1", "alice", Told.Now).Job!;
        Assert.Equal((ChuteJobStatus.Error, "Instance was terminated by miner: hotkey='alice'", true), (job.Status, job.Error, job.MinerTerminated));

        var others = claimed with { Job = claimed.Job! with { InstanceId = Told.Other } };
        Assert.Null(ChuteInstanceRules.Delete(others, Told.InstanceId, "c1", "alice", Told.Now).Job);
    }

    [Fact]
    public void A_verification_that_fails_leaves_it_and_says_why()
    {
        var failed = ChuteInstanceRules.Verified(Created.Instance!, "no answer", Told.Now).Shown;
        Assert.True(failed is { Verified: false, VerificationError: "no answer" });

        var verified = ChuteInstanceRules.Verified(Created.Instance! with { Shown = failed }, null, Told.Now).Shown;
        Assert.True(verified is { Verified: true, VerificationError: null });
    }

    [Fact]
    public void It_goes_when_it_was_not_verified_in_time()
    {
        Assert.Equal(new LaunchDecision(), ChuteInstanceRules.Expire(Created, Told.Now.AddMinutes(89.9)));
        Assert.Equal(ChuteInstanceRules.TooLate, ChuteInstanceRules.Expire(Created, Told.Now.AddMinutes(90)).Ending!.Reason);
        Assert.Equal(new LaunchDecision(), ChuteInstanceRules.Expire(Told.Claimed(Told.Facts, Told.Claim), Told.Now.AddDays(1)));
    }

    private static (LaunchRefusalKind Kind, string Message) Refusal(LaunchFacts facts, ChuteInstanceRequest? request = null)
    {
        var decision = ChuteInstanceRules.Create(facts, Told.InstanceId, request ?? Request, Told.Now);
        Assert.Equal(new LaunchDecision { Refusal = decision.Refusal }, decision);
        return (decision.Refusal!.Kind, decision.Refusal.Message);
    }
}
