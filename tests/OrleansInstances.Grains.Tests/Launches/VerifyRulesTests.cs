using OrleansInstances.Grains.Launches;
using OrleansInstances.Launches;
using static OrleansInstances.Launches.LaunchRefusalKind;

namespace OrleansInstances.Grains.Tests.Launches;

public sealed class VerifyRulesTests
{
    private static readonly LaunchFailure Bad = new("the text", "the reason");

    [Fact]
    public void A_proof_that_is_accepted_verifies_config_and_instance_and_starts_the_job()
    {
        var decision = VerifyRules.Verify(Told.Claimed(Told.JobFacts, Told.JobClaim), Told.ConfigId, null, Told.Now.AddSeconds(9));

        Assert.Equal((LaunchStatus.Verified, Told.Now.AddSeconds(9)), (decision.Config!.Status, decision.Config.VerifiedAt!.Value));
        Assert.True(decision.Instance!.Shown is { Verified: true, Active: false, VerificationError: null });
        Assert.Equal((ChuteJobStatus.Running, Told.Now.AddSeconds(9)), (decision.Job!.Status, decision.Job.StartedAt!.Value));
    }

    [Fact]
    public void A_proof_that_is_not_accepted_ends_config_and_instance()
    {
        var decision = VerifyRules.Verify(Told.Claimed(Told.Facts, Told.Claim), Told.ConfigId, Bad, Told.Now);

        Assert.Equal(new LaunchRefusal(Forbidden, "the text", Final: true), decision.Refusal);
        Assert.Equal((LaunchStatus.Failed, "the reason"), (decision.Config!.Status, decision.Config.Reason));
        Assert.Equal(new ChuteInstanceEnding(LaunchEventTypes.Failed, "the reason", Told.Now), decision.Ending);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_can_not_be_verified_is_refused_before_and_after_the_proof_is_checked(bool after)
    {
        var claimed = Told.Claimed(Told.Facts, Told.Claim);
        Assert.Equal((Unauthorized, $"Launch config {Told.ConfigId} not found in database."), Refusal(claimed with { Config = null }));
        Assert.Equal((Invalid, $"Launch config has already been verified: {Told.ConfigId}"), Refusal(Told.Verified));
        Assert.Equal((Conflict, "Launch config has not been claimed."), Refusal(Told.Facts));
        Assert.Equal((Forbidden, "Launch config failed verification: why"), Refusal(claimed with { Config = Ended(claimed, new LaunchInput.Fail("why")) }));
        Assert.Equal((NotFound, "Instance disappeared (did you update gepetto reconcile?)"), Refusal(claimed with { Config = Ended(claimed, new LaunchInput.Expire("late")) }));

        (LaunchRefusalKind, string) Refusal(LaunchFacts facts)
        {
            var decision = after ? VerifyRules.Verify(facts, Told.ConfigId, Bad, Told.Now) : VerifyRules.Check(facts, Told.ConfigId, Told.Now);
            Assert.Equal((null, null, null, null), (decision.Config, decision.Instance, decision.Job, decision.Ending));
            return (decision.Refusal!.Kind, decision.Refusal.Message);
        }
    }

    [Fact]
    public void An_instance_that_is_gone_ends_its_config()
    {
        var gone = Told.Claimed(Told.Facts, Told.Claim) with { Instance = null };
        foreach (var decision in new[] { VerifyRules.Check(gone, Told.ConfigId, Told.Now), VerifyRules.Verify(gone, Told.ConfigId, null, Told.Now), VerifyRules.Verify(gone, Told.ConfigId, Bad, Told.Now) })
        {
            Assert.Equal((NotFound, true), (decision.Refusal!.Kind, decision.Refusal.Final));
            Assert.Equal((LaunchStatus.Failed, "Instance was deleted"), (decision.Config!.Status, decision.Config.Reason));
            Assert.Null(decision.Ending);
        }
    }

    [Fact]
    public void A_proof_that_comes_too_late_is_not_looked_at()
    {
        var claimed = Told.Claimed(Told.Facts, Told.Claim);
        Assert.Equal(new LaunchDecision(), VerifyRules.Check(claimed, Told.ConfigId, Told.Now.AddSeconds(300.9)));

        var late = VerifyRules.Check(claimed, Told.ConfigId, Told.Now.AddSeconds(301));

        Assert.Equal(
            $"PoVW encrypted response for config_id='{Told.ConfigId}' and instance_id='{Told.InstanceId}' miner_hotkey='alice' took 301 seconds, exceeding maximum estimate of 301",
            late.Refusal!.Message);
        Assert.Equal((Forbidden, true, LaunchStatus.Failed), (late.Refusal.Kind, late.Refusal.Final, late.Config!.Status));
        Assert.NotNull(late.Ending);
    }

    [Fact]
    public void What_was_verified_is_activated_once()
    {
        var decision = VerifyRules.Activate(Told.Verified, Told.ConfigId, Told.Now.AddMinutes(1));

        Assert.Equal(LaunchStatus.Activated, decision.Config!.Status);
        Assert.True(decision.Instance!.Shown is { Active: true, Verified: true });
        var activated = Told.Verified with { Config = decision.Config, Instance = decision.Instance };
        Assert.Equal(new LaunchDecision(), VerifyRules.Activate(activated, Told.ConfigId, Told.Now));
    }

    [Fact]
    public void What_is_not_verified_or_gone_is_not_activated()
    {
        Assert.Equal((Unauthorized, $"Launch config {Told.ConfigId} not found in database."), Refusal(Told.Facts with { Config = null }));
        Assert.Equal((Forbidden, "Launch config has not been verified."), Refusal(Told.Facts));
        Assert.Equal((Forbidden, "Launch config has not been verified."), Refusal(Told.Claimed(Told.Facts, Told.Claim)));
        Assert.Equal((NotFound, $"Instance has disappeared for launch_config_id='{Told.ConfigId}'"), Refusal(Told.Verified with { Instance = null }));

        static (LaunchRefusalKind, string) Refusal(LaunchFacts facts)
        {
            var decision = VerifyRules.Activate(facts, Told.ConfigId, Told.Now);
            Assert.Equal(new LaunchDecision { Refusal = decision.Refusal }, decision);
            return (decision.Refusal!.Kind, decision.Refusal.Message);
        }
    }

    [Fact]
    public void A_program_that_is_not_what_it_should_be_fails_the_config_before_there_is_an_instance()
    {
        var decision = VerifyRules.Fail(Told.Facts, Told.ConfigId, Bad, Told.Now);

        Assert.Equal((LaunchStatus.Failed, "the reason", null), (decision.Config!.Status, decision.Config.Reason, decision.Ending));
        Assert.Equal(Conflict, VerifyRules.Fail(Told.Verified, Told.ConfigId, Bad, Told.Now).Refusal!.Kind);
    }

    [Fact]
    public void What_is_overdue_ends()
    {
        var claimed = Told.Claimed(Told.Facts, Told.Claim);
        Assert.Equal(new LaunchDecision(), Expire(Told.Facts, 119.9));
        Assert.Equal((LaunchStatus.Expired, null), Ended(Expire(Told.Facts, 120)));
        Assert.Equal(new LaunchDecision(), Expire(claimed, 89.9));
        Assert.Equal((LaunchStatus.Expired, ChuteInstanceRules.TooLate), Ended(Expire(claimed, 90)));
        Assert.Equal((LaunchStatus.Expired, null), Ended(Expire(claimed with { Instance = null }, 90)));
        Assert.Equal(new LaunchDecision(), Expire(Told.Verified, 89.9));
        Assert.Equal((LaunchStatus.Expired, ChuteInstanceRules.TooLate), Ended(Expire(Told.Verified, 90)));

        var active = Told.Verified with { Instance = ChuteInstanceRules.Activated(Told.Verified.Instance!, Told.Now) };
        Assert.Equal((LaunchStatus.Activated, null), Ended(Expire(active, 90)));

        static LaunchDecision Expire(LaunchFacts facts, double minutes) => VerifyRules.Expire(facts, Told.Now.AddMinutes(minutes));
        static (LaunchStatus, string?) Ended(LaunchDecision decision) => (decision.Config!.Status, decision.Ending?.Reason);
    }

    private static LaunchConfigSnapshot Ended(LaunchFacts facts, LaunchInput input) => LaunchLifecycle.Apply(facts.Config!, input, Told.Now)!;
}
