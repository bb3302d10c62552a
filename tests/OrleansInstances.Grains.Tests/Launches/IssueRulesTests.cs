using OrleansInstances.Grains.Launches;
using OrleansInstances.Launches;
using static OrleansInstances.Launches.LaunchRefusalKind;

namespace OrleansInstances.Grains.Tests.Launches;

public sealed class IssueRulesTests
{
    private static LaunchFacts Facts => Told.Facts with { Config = null, Gpus = [] };

    [Fact]
    public void A_config_is_issued_for_a_miner_and_its_chute()
    {
        var config = Decide(Facts).Config!;

        Assert.Equal((Told.ConfigId, 1L, LaunchStatus.Issued, "c1", "alice", "cold", 7, "aa", Told.Now), (config.ConfigId, config.Version, config.Status, config.ChuteId, config.MinerHotkey, config.MinerColdkey, config.MinerUid, config.EnvKey, config.IssuedAt));
        Assert.Equal(Told.Now.AddHours(2), config.ExpiresAt);
    }

    [Fact]
    public void For_a_job_the_miner_enters_the_race_whatever_the_chute_wants()
    {
        var decision = Decide(Facts with { Job = Told.Job with { Racers = ["bob"] }, Population = new ChutePopulation(9, 9, 0) }, "j1");

        Assert.Equal(("j1", 5L), (decision.Config!.JobId, decision.Config.DiskGb!.Value));
        Assert.Equal(["bob", "alice"], decision.Job!.Racers.AsEnumerable());
    }

    [Fact]
    public void What_was_issued_is_not_issued_again() =>
        Assert.Equal(new LaunchDecision(), Decide(Told.Facts));

    [Fact]
    public void Refusals_come_in_order_and_store_nothing()
    {
        Assert.Equal((NotFound, "Miner with hotkey alice not found in metagraph"), Refusal(Facts with { Miner = null, Chute = null }));
        Assert.Equal((Forbidden, "Your hotkey has been blacklisted: spam"), Refusal(Facts with { Miner = Told.Miner with { BlacklistReason = "spam" }, Chute = null }));
        Assert.Equal((NotFound, "Chute c1 not found"), Refusal(Facts with { Chute = null }));
        Assert.Equal((AtCapacity, "Chute c1 has reached its target capacity of 3 instances."), Refusal(Facts with { Population = new ChutePopulation(3, 1, 0) }));
        Assert.Equal((NotFound, "Job j1 for chute c1 not found"), Refusal(Facts, "j1"));
        Assert.Equal((NotFound, "Job j1 for chute c1 not found"), Refusal(Facts with { Job = Told.Job with { Job = Told.Job.Job with { ChuteId = "c2" } } }, "j1"));
        Assert.Equal((Forbidden, "Your hotkey has already attempted to claim job_id='j1'"), Refusal(Facts with { Job = Told.Job }, "j1"));
        Assert.Equal(
            (AtCapacity, "Job j1 is already in a race between 15 miners"),
            Refusal(Facts with { Job = Told.Job with { Racers = [.. Enumerable.Range(0, 15).Select(i => $"m{i}")] } }, "j1"));
    }

    private static LaunchDecision Decide(LaunchFacts facts, string? job = null) =>
        IssueRules.Decide(facts, new LaunchRequest("c1", job, "alice"), Told.ConfigId, "aa", Told.Now);

    private static (LaunchRefusalKind, string) Refusal(LaunchFacts facts, string? job = null)
    {
        var decision = Decide(facts, job);
        Assert.Equal((null, null, null, null), (decision.Config, decision.Instance, decision.Job, decision.Ending));
        Assert.False(decision.Refusal!.Final);
        return (decision.Refusal.Kind, decision.Refusal.Message);
    }
}
