using OrleansInstances.Grains.Launches;
using OrleansInstances.Instances;
using OrleansInstances.Launches;
using OrleansInstances.Storage.Chutes;
using static OrleansInstances.Storage.Tests.Contracts.LaunchSamples;

namespace OrleansInstances.Storage.Tests.Contracts;

public abstract class LaunchStoreTests : StoreTests
{
    private ILaunchStore Launches => Store.Part<ILaunchStore>();

    private IChuteInventory Inventory => Store.Part<IChuteInventory>();

    [Fact]
    public async Task A_config_is_found_as_it_was_issued_and_what_follows_is_kept()
    {
        await Inventory.SaveAsync(World(1, Chute("c1")), default);
        var config = await Launches.IssueAsync("c1");

        var issued = (await Launches.FindConfigAsync(config))!;
        Assert.Equal((LaunchStatus.Issued, "c1", "alice", "cold", 7, Samples.Noon), (issued.Status, issued.ChuteId, issued.MinerHotkey, issued.MinerColdkey, issued.MinerUid, issued.IssuedAt));

        var instance = (await Launches.ClaimAsync(config, 9000, "g0")).Instance!;
        await Launches.VerifyAsync(config);
        var last = await Launches.ActivateAsync(config);

        Assert.Null(last.Decision.Refusal);
        Assert.Equal((LaunchStatus.Activated, 42L, instance.Shown.InstanceId), (last.Config!.Status, last.Config.Seed, last.Config.InstanceId!.Value));
        Assert.Equal(last.Config, await Launches.FindConfigAsync(config));
        var work = (await Launches.FindWorkAsync(instance.Shown.InstanceId))!;
        Assert.True(work.Instance.Shown is { Active: true, Verified: true, Port: 9000 });
        Assert.Equal(("ff", ChuteInstanceStages.None), (work.Instance.SymmetricKey, work.Noted));
        Assert.Null(await Launches.FindConfigAsync(Guid.NewGuid()));
        Assert.Null(await Launches.FindWorkAsync(Guid.NewGuid()));
    }

    [Fact]
    public async Task Of_parallel_claims_of_one_config_one_wins()
    {
        await Inventory.SaveAsync(World(16, Chute("c1", target: 50)), default);
        var config = await Launches.IssueAsync("c1");

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Launches.ClaimAsync(config, 9000 + i, $"g{i}")));

        Assert.Single(outcomes, outcome => outcome.Decision.Refusal is null);
        Assert.All(outcomes.Where(outcome => outcome.Decision.Refusal is not null), outcome => Assert.Equal(LaunchRefusalKind.Unauthorized, outcome.Decision.Refusal!.Kind));
        Assert.Equal(1, await CountAsync("chute_instances"));
        Assert.Equal(1, await CountAsync("chute_instance_gpus"));
    }

    [Theory]
    [InlineData(false, 5)]
    [InlineData(true, 2)]
    public async Task Parallel_claims_never_exceed_what_a_chute_wants(bool oneServes, int atMost)
    {
        await Inventory.SaveAsync(World(16, Chute("c1", target: 2)), default);
        if (oneServes)
        {
            var first = await Launches.IssueAsync("c1", "bob");
            Assert.Null((await Launches.ClaimAsync(first, 8999, "b0")).Decision.Refusal);
            await Launches.VerifyAsync(first);
            await Launches.ActivateAsync(first);
        }

        var configs = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Launches.IssueAsync("c1")));
        var outcomes = await Task.WhenAll(configs.Select((config, i) => Launches.ClaimAsync(config, 9000 + i, $"g{i}")));

        Assert.Equal(atMost, await CountAsync("chute_instances"));
        Assert.All(
            outcomes.Select(outcome => outcome.Decision.Refusal).OfType<LaunchRefusal>(), refusal => Assert.Equal((LaunchRefusalKind.AtCapacity, false), (refusal.Kind, refusal.Final)));
    }

    [Fact]
    public async Task Of_parallel_claims_of_one_gpu_by_two_chutes_one_gets_it_and_the_other_has_failed()
    {
        await Inventory.SaveAsync(World(1, Chute("c1"), Chute("c2")), default);
        var one = await Launches.IssueAsync("c1");
        var two = await Launches.IssueAsync("c2");

        var outcomes = await Task.WhenAll(Launches.ClaimAsync(one, 9000, "g0"), Launches.ClaimAsync(two, 9001, "g0"));

        var winner = Assert.Single(outcomes, outcome => outcome.Decision.Refusal is null);
        var loser = outcomes.Single(outcome => outcome != winner);
        Assert.Equal(new LaunchRefusal(LaunchRefusalKind.Conflict, $"GPU g0 is already assigned to instance: {winner.Instance!.Shown.InstanceId}", Final: true), loser.Decision.Refusal);
        Assert.Equal(LaunchStatus.Failed, (await Launches.FindConfigAsync(loser.Config!.ConfigId))!.Status);
    }

    [Fact]
    public async Task Of_parallel_claims_of_one_address_by_two_chutes_one_gets_it_and_the_other_may_try_again()
    {
        await Inventory.SaveAsync(World(2, Chute("c1"), Chute("c2")), default);
        var one = await Launches.IssueAsync("c1");
        var two = await Launches.IssueAsync("c2");

        var outcomes = await Task.WhenAll(Launches.ClaimAsync(one, 9000, "g0"), Launches.ClaimAsync(two, 9000, "g1"));

        var loser = Assert.Single(outcomes, outcome => outcome.Decision.Refusal is not null);
        Assert.Equal(new LaunchRefusal(LaunchRefusalKind.Conflict, $"Host/port {Host}:9000 is already in use by another instance."), loser.Decision.Refusal);
        Assert.Null((await Launches.ClaimAsync(loser.Config!.ConfigId, 9001, loser.Facts.Gpus[0].Gpu.Uuid)).Decision.Refusal);
    }

    [Fact]
    public async Task A_race_for_a_job_has_one_winner_who_stays()
    {
        await Inventory.SaveAsync(World(1, Chute("c1")) with { Jobs = [Job("j1", "c1")] }, default);
        var alices = await Launches.IssueAsync("c1", "alice", "j1");
        var bobs = await Launches.IssueAsync("c1", "bob", "j1");

        var outcomes = await Task.WhenAll(
            Launches.ClaimAsync(alices, [new PortMapping(8000, 9000, "tcp"), new PortMapping(2222, 9001, "tcp")], "g0"),
            Launches.ClaimAsync(bobs, [new PortMapping(8000, 9002, "tcp"), new PortMapping(2222, 9003, "tcp")], "b0"));

        var winner = Assert.Single(outcomes, outcome => outcome.Decision.Refusal is null);
        var loser = outcomes.Single(outcome => outcome != winner);
        Assert.Equal((LaunchRefusalKind.Conflict, true), (loser.Decision.Refusal!.Kind, loser.Decision.Refusal.Final));
        var job = (await Inventory.FindJobAsync("j1", default))!;
        Assert.Equal((winner.Config!.ConfigId, winner.Instance!.Shown.InstanceId, winner.Config.MinerHotkey), (job.ConfigId!.Value, job.InstanceId!.Value, job.MinerHotkey));
        Assert.Equal(["alice", "bob"], job.Racers.AsEnumerable());

        await Inventory.SaveAsync(new ChuteInventory { Jobs = [Job("j1", "c1")] }, default);
        Assert.Equal(winner.Config.ConfigId, (await Inventory.FindJobAsync("j1", default))!.ConfigId);
    }

    [Fact]
    public async Task A_proof_that_is_not_accepted_frees_gpus_address_and_job()
    {
        await Inventory.SaveAsync(World(1, Chute("c1")) with { Jobs = [Job("j1", "c1")] }, default);
        var config = await Launches.IssueAsync("c1", job: "j1");
        var claimed = await Launches.ClaimAsync(config, [new PortMapping(8000, 9000, "tcp"), new PortMapping(2222, 9001, "tcp")], "g0");

        await Launches.VerifyAsync(config, new LaunchFailure("no", "why"));

        await AssertFreeAsync("j1");
        var work = (await Launches.FindWorkAsync(claimed.Instance!.Shown.InstanceId))!;
        Assert.Equal(new ChuteInstanceEnding(LaunchEventTypes.Failed, "why", Samples.Noon.AddSeconds(1)), work.Ending);
        Assert.Equal(["why"], await Store.QueryAsync("SELECT deletion_reason FROM chute_audit"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Deleting_the_instance_of_the_same_id_frees_gpus_address_and_job(bool retained)
    {
        await Inventory.SaveAsync(World(1, Chute("c1")) with { Jobs = [Job("j1", "c1")] }, default);
        var config = await Launches.IssueAsync("c1", job: "j1");
        var claimed = await Launches.ClaimAsync(config, [new PortMapping(8000, 9000, "tcp"), new PortMapping(2222, 9001, "tcp")], "g0");
        await Launches.VerifyAsync(config);
        var id = claimed.Instance!.Shown.InstanceId;
        var instance = await StoreAsync(Samples.Snapshot(1, id: id) with { Spec = new InstanceSpec { Driver = Drivers.Remote, Remote = new RemoteSpec(Host, 9000) } });
        Assert.Equal(1, await CountAsync("chute_instances"));

        if (retained)
        {
            instance.State.Snapshot = instance.State.Snapshot! with { Status = InstanceStatus.Deleted, Version = 2 };
            await StoreAsync(instance);
        }
        else
        {
            await Storage.ClearStateAsync(Samples.StateName, Samples.Grain(id), instance);
        }

        await AssertFreeAsync("j1");
        Assert.Equal(LaunchEventTypes.Deleted, (await Launches.FindWorkAsync(id))!.Ending!.Type);
        Assert.Equal(["deleted"], await Store.QueryAsync("SELECT deletion_reason FROM chute_audit"));
        Assert.Equal([id], (await Launches.FindUnfinishedAsync(Samples.Noon, 10, default)).Instances);
        await Launches.ForgetAsync(id);
        Assert.Null(await Launches.FindWorkAsync(id));
    }

    [Fact]
    public async Task The_end_of_any_other_instance_touches_none_of_a_chute()
    {
        await Inventory.SaveAsync(World(1, Chute("c1")), default);
        var claimed = await Launches.ClaimAsync(await Launches.IssueAsync("c1"), 9000, "g0");
        var instance = await StoreAsync(Samples.Snapshot(1, id: claimed.Instance!.Shown.InstanceId));

        await Storage.ClearStateAsync(Samples.StateName, Samples.Grain(claimed.Instance.Shown.InstanceId), instance);

        Assert.Equal(1, await CountAsync("chute_instances"));
    }

    [Fact]
    public async Task A_miner_that_deletes_its_instance_ends_the_job_and_is_on_record()
    {
        await Inventory.SaveAsync(World(1, Chute("c1")) with { Jobs = [Job("j1", "c1")] }, default);
        var config = await Launches.IssueAsync("c1", job: "j1");
        var claimed = await Launches.ClaimAsync(config, [new PortMapping(8000, 9000, "tcp"), new PortMapping(2222, 9001, "tcp")], "g0");
        await Launches.VerifyAsync(config);
        Assert.Equal(ChuteJobStatus.Running, (await Inventory.FindJobAsync("j1", default))!.Status);

        await Launches.DeleteAsync(claimed.Instance!.Shown);
        var again = await Launches.DeleteAsync(claimed.Instance!.Shown);

        var job = (await Inventory.FindJobAsync("j1", default))!;
        Assert.Equal((ChuteJobStatus.Error, "Instance was terminated by miner: hotkey='alice'", true, claimed.Instance.Shown.InstanceId), (job.Status, job.Error, job.MinerTerminated, job.InstanceId!.Value));
        Assert.Equal(Samples.Noon.AddSeconds(3), job.FinishedAt);
        Assert.Equal(["miner initialized"], await Store.QueryAsync("SELECT deletion_reason FROM chute_audit WHERE verified_at IS NOT NULL AND deleted_at IS NOT NULL"));
        Assert.Equal(LaunchRefusalKind.NotFound, again.Decision.Refusal!.Kind);
        Assert.Equal(0, await CountAsync("chute_instance_gpus"));
    }

    [Fact]
    public async Task What_ended_long_ago_is_forgotten_and_what_goes_on_never()
    {
        var audit = Store.Part<IChuteAudit>();
        await Inventory.SaveAsync(World(3, Chute("c1", target: 9)), default);
        for (var number = 0; number < 3; number++)
        {
            var claimed = await Launches.ClaimAsync(await Launches.IssueAsync("c1"), 9000 + number, $"g{number}");
            if (number > 0)
            {
                // At noon and three seconds.
                await Launches.DeleteAsync(claimed.Instance!.Shown);
            }
        }

        Assert.Equal(0, await audit.ForgetInstancesAsync(Samples.Noon.AddSeconds(3), 10, default));
        Assert.Equal(1, await audit.ForgetInstancesAsync(Samples.Noon.AddSeconds(4), 1, default));
        Assert.Equal(1, await audit.ForgetInstancesAsync(Samples.Noon.AddSeconds(4), 10, default));
        Assert.Equal(1, await CountAsync("chute_audit"));
    }

    /// <summary>One failed at noon without an instance, one a second later with its own; two lost theirs at noon and three seconds.</summary>
    [Fact]
    public async Task Configs_that_are_over_for_long_are_forgotten_and_others_never()
    {
        var audit = Store.Part<IChuteAudit>();
        await Inventory.SaveAsync(World(4, Chute("c1", target: 9)), default);
        var issued = await Launches.IssueAsync("c1");
        var failed = await Launches.IssueAsync("c1");
        var alone = await Launches.IssueAsync("c1");
        var (serving, deleted, unproven) = (await Launches.IssueAsync("c1"), await Launches.IssueAsync("c1"), await Launches.IssueAsync("c1"));
        await Launches.ClaimAsync(failed, 9000, "g0");
        await Launches.VerifyAsync(failed, new LaunchFailure("no", "why"));
        await Launches.ClaimAsync(alone, 9001, "nothing");
        await LaunchAsync(serving, 9002, "g1");
        await Launches.DeleteAsync(await LaunchAsync(deleted, 9003, "g2"));
        await Launches.DeleteAsync((await Launches.ClaimAsync(unproven, 9004, "g3")).Instance!.Shown);

        Assert.Equal(0, await audit.ForgetConfigsAsync(Samples.Noon, 10, default));
        Assert.Equal(1, await audit.ForgetConfigsAsync(Samples.Noon.AddSeconds(1), 10, default));
        Assert.Null(await Launches.FindConfigAsync(alone));
        Assert.Equal(1, await audit.ForgetConfigsAsync(Samples.Noon.AddSeconds(3), 10, default));
        Assert.Null(await Launches.FindConfigAsync(failed));
        Assert.Equal(1, await audit.ForgetConfigsAsync(Samples.Noon.AddSeconds(4), 1, default));
        Assert.Equal(1, await audit.ForgetConfigsAsync(Samples.Noon.AddYears(1), 10, default));

        Assert.Equal(LaunchStatus.Issued, (await Launches.FindConfigAsync(issued))!.Status);
        Assert.Equal(LaunchStatus.Activated, (await Launches.FindConfigAsync(serving))!.Status);
        Assert.Equal(2, await CountAsync("launch_configs"));
        Assert.Equal(
            new LaunchRefusal(LaunchRefusalKind.Unauthorized, $"Launch config {deleted} not found in database."), (await Launches.ActivateAsync(deleted)).Decision.Refusal);

        async Task<ChuteInstanceSnapshot> LaunchAsync(Guid config, int port, string gpu)
        {
            await Launches.ClaimAsync(config, port, gpu);
            await Launches.VerifyAsync(config);
            return (await Launches.ActivateAsync(config)).Instance!.Shown;
        }
    }

    /// <summary>By another dialect, which says nothing of it here.</summary>
    [Fact]
    public async Task A_config_is_over_when_its_instance_is_gone()
    {
        await Inventory.SaveAsync(World(1, Chute("c1")), default);
        var config = await Launches.IssueAsync("c1");
        var id = (await Launches.ClaimAsync(config, 9000, "g0")).Instance!.Shown.InstanceId;
        await Launches.VerifyAsync(config);
        await Launches.ActivateAsync(config);
        var instance = await StoreAsync(Samples.Snapshot(1, id: id) with { Spec = new InstanceSpec { Driver = Drivers.Remote, Remote = new RemoteSpec(Host, 9000) } });
        Assert.Equal(["0"], await Store.QueryAsync("SELECT count(ended_at) FROM launch_configs"));

        await Storage.ClearStateAsync(Samples.StateName, Samples.Grain(id), instance);

        Assert.Equal(["1"], await Store.QueryAsync("SELECT count(ended_at) FROM launch_configs"));
    }

    [Fact]
    public async Task What_is_overdue_or_not_carried_through_is_found()
    {
        await Inventory.SaveAsync(World(2, Chute("c1", target: 5)), default);
        var unclaimed = await Launches.IssueAsync("c1");
        var claimed = await Launches.IssueAsync("c1");
        var instance = (await Launches.ClaimAsync(claimed, 9000, "g0")).Instance!.Shown.InstanceId;

        Assert.Equal([instance], (await FindAsync(TimeSpan.Zero)).Instances);
        await Launches.MarkNotedAsync(instance, ChuteInstanceStages.Claimed);
        Assert.Empty((await FindAsync(TimeSpan.Zero)).Instances);
        Assert.Empty((await FindAsync(TimeSpan.FromMinutes(89))).Configs);
        Assert.Equal([claimed], (await FindAsync(TimeSpan.FromMinutes(90))).Configs);
        Assert.Equal([claimed, unclaimed], (await FindAsync(TimeSpan.FromHours(2))).Configs);
        Assert.Single((await Launches.FindUnfinishedAsync(Samples.Noon.AddHours(2), 1, default)).Configs);

        await Launches.VerifyAsync(claimed);
        Assert.Equal([instance], (await FindAsync(TimeSpan.Zero)).Instances);
        await Launches.ActivateAsync(claimed);
        await Launches.MarkNotedAsync(instance, ChuteInstanceStages.Verified | ChuteInstanceStages.Activated);
        Assert.Empty((await FindAsync(TimeSpan.Zero)).Instances);
        Assert.Equal([unclaimed], (await FindAsync(TimeSpan.FromDays(9))).Configs);

        Task<LaunchesToWake> FindAsync(TimeSpan later) => Launches.FindUnfinishedAsync(Samples.Noon + later, 10, default);
    }

    [Fact]
    public async Task An_instance_without_a_config_is_found_when_its_time_to_be_verified_is_over()
    {
        await Inventory.SaveAsync(World(1, Chute("c1") with { ChutesVersion = "0.2.9" }), default);
        var id = Guid.NewGuid();
        var request = new ChuteInstanceRequest("c1", "alice", ["g0"], Host.ToUpperInvariant(), 9000);
        var created = await Launches.DecideAsync(
            new LaunchQuestion { InstanceId = id, ChuteId = "c1", Hotkey = "alice", Gpus = request.Gpus, Host = request.Host, Port = request.Port },
            facts => ChuteInstanceRules.Create(facts, id, request, Samples.Noon));
        Assert.Null(created.Decision.Refusal);
        await Launches.MarkNotedAsync(id, ChuteInstanceStages.Claimed);

        Assert.Empty((await Launches.FindUnfinishedAsync(Samples.Noon.AddMinutes(89), 10, default)).Instances);
        Assert.Equal([id], (await Launches.FindUnfinishedAsync(Samples.Noon.AddMinutes(90), 10, default)).Instances);
    }

    [Fact]
    public async Task A_decision_that_throws_stores_nothing_and_the_next_one_is_made()
    {
        await Inventory.SaveAsync(World(1, Chute("c1")), default);
        var config = await Launches.IssueAsync("c1");

        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            Launches.DecideAsync(new LaunchQuestion { ConfigId = config }, _ => throw new InvalidOperationException("a bug")));

        Assert.Null((await Launches.ClaimAsync(config, 9000, "g0")).Decision.Refusal);
    }

    [Fact]
    public async Task Names_that_nothing_has_are_not_found_whatever_is_in_them()
    {
        var facts = (await Launches.DecideAsync(
            new LaunchQuestion { ConfigId = Guid.NewGuid(), ChuteId = "a\0b", Hotkey = "'; --\0", JobId = "\0", Gpus = ["\0", "\0"], Host = "\0", Port = 1 },
            _ => new LaunchDecision())).Facts;

        Assert.Equal((null, null, null, null, false, 0), (facts.Config, facts.Chute, facts.Miner, facts.Job, facts.AddressTaken, facts.Gpus.Length));
    }

    private async Task AssertFreeAsync(string jobId)
    {
        Assert.Equal(0, await CountAsync("chute_instances"));
        Assert.Equal(0, await CountAsync("chute_instance_gpus"));
        var job = (await Inventory.FindJobAsync(jobId, default))!;
        Assert.Equal((null, null, null, ChuteJobStatus.Pending, null), (job.ConfigId, job.InstanceId, job.MinerHotkey, job.Status, job.StartedAt));
    }
}
