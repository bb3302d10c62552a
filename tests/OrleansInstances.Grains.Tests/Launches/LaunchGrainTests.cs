using OrleansInstances.Grains.Launches;
using OrleansInstances.Instances;
using OrleansInstances.Launches;

namespace OrleansInstances.Grains.Tests.Launches;

/// <summary>The shells around the rules of launches, on a real silo and a real database.</summary>
public sealed class LaunchGrainTests(LaunchHost host) : IClassFixture<LaunchHost>, IDisposable
{
    private static readonly LaunchFailure Failure = new("It is wrong.", "wrong");

    public void Dispose()
    {
        host.Store.BeforeDecision = _ => { };
        host.Store.AfterDecision = _ => { };
        host.Store.BeforeNoted = _ => { };
    }

    [Fact]
    public async Task A_launch_goes_through_its_steps_and_its_instance_follows()
    {
        var world = await host.NewWorldAsync();
        var (config, instance) = await host.ClaimedAsync(world);
        var plan = await host.Config(config).CheckVerifyAsync();
        Assert.Equal((null, world.Gpus[0], "00112233445566778899aabbccddeeff"), (plan.Refusal, plan.Gpu!.Uuid, plan.SymmetricKey));
        Assert.Equal(LaunchStatus.Verified, (await host.Config(config).VerifyAsync(failure: null)).Config!.Status);
        Assert.Empty(host.Node.OrdersFor(instance));

        var activated = await host.Config(config).ActivateAsync();
        await host.Config(config).ActivateAsync();

        Assert.Equal((LaunchStatus.Activated, true, true), (activated.Config!.Status, activated.Instance!.Active, activated.Instance.Verified));
        var followed = (await host.Instance(instance).GetAsync()).Instance!;
        Assert.Equal((Drivers.Remote, world.Name, world.Name, InstanceStatus.Starting), (followed.Spec.Driver, followed.Spec.Name, followed.Owner, followed.Status));
        Assert.Equal((world.Name, config.ToString()), (followed.Spec.Labels[RemoteInstance.ChuteLabel], followed.Spec.Labels[RemoteInstance.ConfigLabel]));
        Assert.Equal(["start 1"], host.Node.OrdersFor(instance));
        Assert.Equal(["issued", "claimed", "verified", "activated"], host.Events.Of(config));
        Assert.Equal(["issued", "claimed", "verified", "activated"], await host.LoggedAsync(instance));
    }

    [Fact]
    public async Task A_config_is_issued_once()
    {
        var world = await host.NewWorldAsync();
        var config = await host.IssueAsync(world);

        var again = await host.Config(config).IssueAsync(new LaunchRequest("another", null, "another"));

        Assert.Equal((null, world.Name, 1L), (again.Refusal, again.Config!.ChuteId, again.Config.Version));
        Assert.Equal(["issued"], host.Events.Of(config));
        Assert.Equal(LaunchRefusalKind.Unauthorized, (await host.Config(Guid.NewGuid()).GetAsync()).Refusal!.Kind);
    }

    [Fact]
    public async Task Of_parallel_claims_with_one_token_one_is_made()
    {
        var world = await host.NewWorldAsync(gpus: 8);
        var config = await host.IssueAsync(world);

        var replies = await Task.WhenAll(world.Gpus.Select(gpu => host.ClaimAsync(config, gpu)));

        Assert.Single(replies, reply => reply.Refusal is null);
        Assert.All(replies.Where(reply => reply.Refusal is not null), reply => Assert.Equal((LaunchRefusalKind.Unauthorized, false), (reply.Refusal!.Kind, reply.Refusal.Final)));
        Assert.Equal(["issued", "claimed"], host.Events.Of(config));
    }

    [Fact]
    public async Task Of_claims_for_one_gpu_one_is_made_and_the_others_have_failed()
    {
        var world = await host.NewWorldAsync();
        var configs = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => host.IssueAsync(world)));

        var replies = await Task.WhenAll(configs.Select(config => host.ClaimAsync(config, world.Gpus[0])));

        Assert.Single(replies, reply => reply.Refusal is null);
        var losers = replies.Where(reply => reply.Refusal is not null).ToList();
        Assert.All(losers, reply => Assert.Equal((LaunchRefusalKind.Conflict, true, LaunchStatus.Failed), (reply.Refusal!.Kind, reply.Refusal.Final, reply.Config!.Status)));
        Assert.All(losers, reply => Assert.Equal(["issued", "failed"], host.Events.Of(reply.Config!.ConfigId)));
    }

    /// <summary>A target of two, and none serves: up to three more.</summary>
    [Fact]
    public async Task However_many_launch_at_once_there_are_never_more_than_the_rules_allow()
    {
        var world = await host.NewWorldAsync(gpus: 12, target: 2);
        var configs = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => host.IssueAsync(world)));

        var replies = await Task.WhenAll(configs.Zip(world.Gpus).Select(pair => host.ClaimAsync(pair.First, pair.Second)));

        Assert.Equal(5, replies.Count(reply => reply.Refusal is null));
        Assert.All(replies.Where(reply => reply.Refusal is not null), reply => Assert.Equal((LaunchRefusalKind.AtCapacity, LaunchStatus.Issued), (reply.Refusal!.Kind, reply.Config!.Status)));
    }

    [Fact]
    public async Task A_config_that_is_not_claimed_in_time_expires()
    {
        var world = await host.NewWorldAsync();
        var config = await host.IssueAsync(world);
        await host.Config(config).WakeAsync();
        Assert.Equal(LaunchStatus.Issued, (await host.Config(config).GetAsync()).Config!.Status);

        host.Time.Advance(LaunchConfigSnapshot.Lifetime);
        await host.Config(config).WakeAsync();
        await host.Config(config).WakeAsync();

        Assert.Equal(LaunchRefusalKind.Unauthorized, (await host.ClaimAsync(config, world.Gpus[0])).Refusal!.Kind);
        Assert.Equal((LaunchStatus.Expired, "It was not claimed in time."), ((await host.Config(config).GetAsync()).Config!.Status, (await host.Config(config).GetAsync()).Config!.Reason));
        Assert.Equal(["issued", "expired"], host.Events.Of(config));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_not_verified_or_not_activated_in_time_goes_with_its_instance(bool verified)
    {
        var world = await host.NewWorldAsync();
        var (config, instance) = await host.ClaimedAsync(world);
        if (verified)
        {
            host.Time.Advance(TimeSpan.FromMinutes(1));
            await host.Config(config).VerifyAsync(failure: null);
        }

        host.Time.Advance(StoredChuteInstance.VerifiedWithin);
        await host.Config(config).WakeAsync();

        Assert.Equal(LaunchStatus.Expired, (await host.Config(config).GetAsync()).Config!.Status);
        Assert.Equal(RefusalKind.NotFound, (await host.Instance(instance).GetAsync()).Refusal!.Kind);
        Assert.Equal(["expired", "deleted"], host.Events.Of(instance).TakeLast(2));
        Assert.Null((await host.ClaimAsync(await host.IssueAsync(world), world.Gpus[0])).Refusal);
    }

    /// <summary>An H100 may take 62 s, times 2.15.</summary>
    [Theory]
    [InlineData(100, false)]
    [InlineData(134, true)]
    public async Task A_proof_comes_in_time_or_ends_all(int seconds, bool tooLate)
    {
        var world = await host.NewWorldAsync();
        var (config, instance) = await host.ClaimedAsync(world);

        host.Time.Advance(TimeSpan.FromSeconds(seconds));
        var plan = await host.Config(config).CheckVerifyAsync();

        if (!tooLate)
        {
            Assert.Null(plan.Refusal);
            return;
        }

        Assert.Equal((LaunchRefusalKind.Forbidden, true), (plan.Refusal!.Kind, plan.Refusal.Final));
        Assert.Matches(
            $"^PoVW encrypted response for config_id='{config}' and instance_id='{instance}' miner_hotkey='{world.Name}' took 134(\\.\\d+)? seconds, exceeding maximum estimate of 133\\.3$",
            plan.Refusal.Message);
        Assert.Equal(RefusalKind.NotFound, (await host.Instance(instance).GetAsync()).Refusal!.Kind);
        Assert.Equal($"Launch config failed verification: {plan.Refusal.Message}", (await host.Config(config).VerifyAsync(failure: null)).Refusal!.Message);
    }

    [Fact]
    public async Task A_failure_is_final_and_frees_what_was_held()
    {
        var world = await host.NewWorldAsync();
        var (config, instance) = await host.ClaimedAsync(world);

        var failed = await host.Config(config).VerifyAsync(Failure);

        Assert.Equal((LaunchRefusalKind.Forbidden, "It is wrong.", true, LaunchStatus.Failed), (failed.Refusal!.Kind, failed.Refusal.Message, failed.Refusal.Final, failed.Config!.Status));
        Assert.Equal("Launch config failed verification: wrong", (await host.Config(config).FailAsync(Failure)).Refusal!.Message);
        Assert.Equal(["issued", "claimed", "failed", "deleted"], host.Events.Of(config));
        Assert.Equal(["issued", "claimed", "failed", "deleted"], await host.LoggedAsync(instance));
        await host.ClaimedAsync(world);
    }

    [Fact]
    public async Task A_job_has_one_winner_and_its_failure_leaves_it_to_others()
    {
        var world = await host.NewWorldAsync(gpus: 2);
        var config = await host.IssueAsync(world, forJob: true);
        Assert.Equal(LaunchRefusalKind.Forbidden, (await host.Config(Guid.NewGuid()).IssueAsync(new LaunchRequest(world.Name, world.Name, world.Name))).Refusal!.Kind);
        Assert.Equal(world.Name, (await host.ClaimAsync(config, world.Gpus[0])).Job!.JobId);

        Assert.NotNull((await host.Config(config).VerifyAsync(Failure)).Refusal);

        var job = (await host.Store.DecideAsync(new LaunchQuestion { ChuteId = world.Name, JobId = world.Name }, _ => new LaunchDecision())).Facts.Job!;
        Assert.Equal((null, null, ChuteJobStatus.Pending), (job.ConfigId, job.InstanceId, job.Status));
    }

    /// <summary>Nothing was done, or nobody knows: in either case the next request finds what is stored.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_store_that_fails_leaves_the_step_before_or_after(bool isStored)
    {
        var world = await host.NewWorldAsync();
        var config = await host.IssueAsync(world);
        await FailingAsync(config, isStored, () => host.ClaimAsync(config, world.Gpus[0]));
        var claimed = (await host.Config(config).GetAsync()).Config!;
        Assert.Equal(isStored ? LaunchStatus.Claimed : LaunchStatus.Issued, claimed.Status);
        if (!isStored)
        {
            claimed = (await host.ClaimAsync(config, world.Gpus[0])).Config!;
        }

        var instance = claimed.InstanceId!.Value;
        await FailingAsync(config, isStored, () => host.Config(config).VerifyAsync(failure: null));
        Assert.Equal(isStored ? LaunchRefusalKind.Invalid : null, (await host.Config(config).VerifyAsync(failure: null)).Refusal?.Kind);
        await FailingAsync(config, isStored, () => host.Config(config).ActivateAsync());
        Assert.Null((await host.Config(config).ActivateAsync()).Refusal);

        // As the sweep does.
        await host.ChuteInstance(instance).WakeAsync();
        await host.ChuteInstance(instance).WakeAsync();
        Assert.Equal(["start 1"], host.Node.OrdersFor(instance));
        Assert.Equal(["issued", "claimed", "verified", "activated"], await host.LoggedAsync(instance));
        Assert.Equal(["claimed", "verified", "activated"], host.Events.Of(instance));
    }

    /// <summary>What is stored is done: what its instance did not follow it does with the next sweep, and does it once.</summary>
    [Fact]
    public async Task An_instance_that_could_not_follow_follows_later()
    {
        var world = await host.NewWorldAsync();
        host.Store.BeforeNoted = _ => throw new IOException("The disk is full.");
        var (config, instance) = await host.ClaimedAsync(world);
        Assert.Null((await host.Config(config).VerifyAsync(failure: null)).Refusal);
        await Assert.ThrowsAnyAsync<Exception>(() => host.ChuteInstance(instance).WakeAsync());
        Assert.Contains(instance, (await host.Store.FindUnfinishedAsync(host.Time.GetUtcNow(), 500, default)).Instances);

        host.Store.BeforeNoted = _ => { };
        await host.ChuteInstance(instance).WakeAsync();

        Assert.Equal(["issued", "claimed", "verified"], (await host.LoggedAsync(instance)).Distinct());
        Assert.DoesNotContain(instance, (await host.Store.FindUnfinishedAsync(host.Time.GetUtcNow(), 500, default)).Instances);
    }

    [Fact]
    public async Task An_end_that_could_not_be_followed_is_followed_later()
    {
        var world = await host.NewWorldAsync();
        var (_, instance) = await host.ClaimedAsync(world);
        host.Store.BeforeNoted = _ => throw new IOException("The disk is full.");

        var deleted = await host.ChuteInstance(instance).DeleteAsync(world.Name, world.Name);

        Assert.Null(deleted.Refusal);
        Assert.Contains(instance, (await host.Store.FindUnfinishedAsync(host.Time.GetUtcNow(), 500, default)).Instances);
        host.Store.BeforeNoted = _ => { };
        await host.ChuteInstance(instance).WakeAsync();
        Assert.DoesNotContain(instance, (await host.Store.FindUnfinishedAsync(host.Time.GetUtcNow(), 500, default)).Instances);
        Assert.Equal(RefusalKind.NotFound, (await host.Instance(instance).GetAsync()).Refusal!.Kind);
    }

    [Fact]
    public async Task Its_own_miner_makes_activates_and_deletes_one_without_a_config()
    {
        var world = await host.NewWorldAsync(protocol: "0.2.9");
        var id = Guid.NewGuid();
        var request = new ChuteInstanceRequest(world.Name, world.Name, [world.Gpus[0]], LaunchHost.Host, 1024);
        var grain = host.ChuteInstance(id);

        Assert.True((await grain.CreateAsync(request)).Changed);
        Assert.False((await grain.CreateAsync(request)).Changed);
        Assert.Equal(LaunchRefusalKind.NotFound, (await grain.ActivateAsync(world.Name, "another")).Refusal!.Kind);
        Assert.Equal("It is wrong.", (await grain.VerifiedAsync("It is wrong.")).Instance!.VerificationError);
        Assert.True((await grain.ActivateAsync(world.Name, world.Name)).Changed);
        Assert.False((await grain.ActivateAsync(world.Name, world.Name)).Changed);
        Assert.Equal((true, null), ((await grain.VerifiedAsync(failure: null)).Instance!.Verified, (await grain.GetAsync(world.Name, world.Name)).Instance!.VerificationError));
        Assert.Equal(["start 1"], host.Node.OrdersFor(id));
        Assert.Equal(LaunchRefusalKind.NotFound, (await grain.DeleteAsync("another", world.Name)).Refusal!.Kind);
        Assert.Null((await grain.DeleteAsync(world.Name, world.Name)).Refusal);
        Assert.Equal(LaunchRefusalKind.NotFound, (await grain.DeleteAsync(world.Name, world.Name)).Refusal!.Kind);
        Assert.Equal(["claimed", "activated", "verified", "deleted"], host.Events.Of(id));
    }

    [Fact]
    public async Task One_without_a_config_that_is_not_verified_in_time_goes()
    {
        var world = await host.NewWorldAsync(protocol: "0.2.9");
        var id = Guid.NewGuid();
        await host.ChuteInstance(id).CreateAsync(new ChuteInstanceRequest(world.Name, world.Name, [world.Gpus[0]], LaunchHost.Host, 1025));
        await host.ChuteInstance(id).WakeAsync();

        host.Time.Advance(StoredChuteInstance.VerifiedWithin);
        await host.ChuteInstance(id).WakeAsync();

        Assert.Equal(["claimed", "expired", "deleted"], host.Events.Of(id));
        Assert.Equal(RefusalKind.NotFound, (await host.Instance(id).GetAsync()).Refusal!.Kind);
    }

    /// <summary>Without a sweep, of which there is none here.</summary>
    [Fact]
    public async Task An_instance_that_any_dialect_deletes_frees_all_and_is_told_at_once()
    {
        var world = await host.NewWorldAsync();
        var (config, instance) = await host.ClaimedAsync(world);

        await host.Instance(instance).DeleteAsync();

        await host.ClaimedAsync(world);
        for (var until = DateTime.UtcNow.AddMinutes(1); !host.Events.Of(instance).Contains("deleted"); await Task.Delay(10))
        {
            Assert.True(DateTime.UtcNow < until, "Nobody was told of the end.");
        }

        Assert.Equal(["issued", "claimed", "deleted"], host.Events.Of(config));
        Assert.Equal("Instance disappeared (did you update gepetto reconcile?)", (await host.Config(config).CheckVerifyAsync()).Refusal!.Message);
    }

    private async Task FailingAsync(Guid config, bool isStored, Func<Task> request)
    {
        Action<LaunchQuestion> fail = question =>
        {
            if (question.ConfigId == config)
            {
                throw new IOException("The disk is full.");
            }
        };
        Action<LaunchQuestion> pass = _ => { };
        (host.Store.BeforeDecision, host.Store.AfterDecision) = isStored ? (pass, fail) : (fail, pass);
        await Assert.ThrowsAnyAsync<Exception>(request);
        (host.Store.BeforeDecision, host.Store.AfterDecision) = (pass, pass);
    }
}
