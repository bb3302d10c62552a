using Microsoft.Extensions.Logging;
using OrleansInstances.Instances;
using OrleansInstances.Launches;
using Stages = OrleansInstances.Grains.Launches.ChuteInstanceStages;

namespace OrleansInstances.Grains.Launches;

/// <summary>
/// The shell around the rules of what miners bring up. The stored row decides; the instance of the same id is brought to
/// it, one stage after the other, each noted once it has got there.
/// </summary>
[GrainType("chute_instance")]
public sealed partial class ChuteInstanceGrain(ILaunchStore store, ILaunchEvents events, TimeProvider time, ILogger<ChuteInstanceGrain> logger)
    : Grain, IChuteInstanceGrain
{
    private Guid Id => this.GetPrimaryKey();

    private LaunchQuestion ThisInstance => new() { InstanceId = Id };

    private DateTimeOffset Now => time.GetUtcNow();

    public Task<ChuteInstanceReply> CreateAsync(ChuteInstanceRequest request)
    {
        var question = new LaunchQuestion
        {
            InstanceId = Id,
            ChuteId = request.ChuteId,
            Hotkey = request.Hotkey,
            Gpus = request.Gpus,
            Host = request.Host,
            Port = request.Port,
        };
        return DecideAsync(question, facts => ChuteInstanceRules.Create(facts, Id, request, Now));
    }

    public Task<ChuteInstanceReply> GetAsync(string chuteId, string hotkey) => DecideAsync(
        ThisInstance,
        facts => ChuteInstanceRules.Find(facts, chuteId, hotkey) is null ? ChuteInstanceRules.NotFound : new LaunchDecision());

    public Task<ChuteInstanceReply> ActivateAsync(string chuteId, string hotkey) =>
        DecideAsync(ThisInstance, facts => ChuteInstanceRules.Activate(facts, chuteId, hotkey, Now));

    public Task<ChuteInstanceReply> VerifiedAsync(string? failure) => DecideAsync(
        ThisInstance,
        facts => facts.Instance is { } instance ? new LaunchDecision { Instance = ChuteInstanceRules.Verified(instance, failure, Now) } : ChuteInstanceRules.NotFound);

    public Task<ChuteInstanceReply> DeleteAsync(string chuteId, string hotkey) =>
        DecideAsync(ThisInstance, facts => ChuteInstanceRules.Delete(facts, Id, chuteId, hotkey, Now));

    public async Task WakeAsync()
    {
        var work = await store.FindWorkAsync(Id);
        if (work is { Ending: null, Instance.ExpiresAt: { } due } && due <= Now)
        {
            await store.DecideAsync(ThisInstance, facts => ChuteInstanceRules.Expire(facts, Now));
            work = await store.FindWorkAsync(Id);
        }

        switch (work)
        {
            case { Ending: { } ending }:
                await EndAsync(work.Instance.Shown, ending);
                break;
            case { } open when (open.Instance.Stages & ~open.Noted) is var missing and not Stages.None:
                await CarryOnAsync(open.Instance.Shown, missing);
                await store.MarkNotedAsync(Id, open.Noted | missing);
                break;
        }
    }

    private async Task<ChuteInstanceReply> DecideAsync(LaunchQuestion question, Func<LaunchFacts, LaunchDecision> decide)
    {
        var outcome = await store.DecideAsync(question, decide);
        var changed = outcome.Decision is { Instance: not null } or { Ending: not null };
        if (changed)
        {
            await FollowAsync();
        }

        return outcome.Decision.Refusal is { } refusal
            ? new ChuteInstanceReply(null, false, refusal)
            : new ChuteInstanceReply((outcome.Instance ?? outcome.Facts.Instance)?.Shown, changed, null);
    }

    /// <summary>What is stored is done: what does not follow it now does at the next sweep.</summary>
    private async Task FollowAsync()
    {
        try
        {
            await WakeAsync();
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogNotFollowed(error, Id);
        }
    }

    private async Task CarryOnAsync(ChuteInstanceSnapshot shown, Stages missing)
    {
        var instance = GrainFactory.GetGrain<IInstanceGrain>(Id);
        if (missing.HasFlag(Stages.Claimed))
        {
            Require(await instance.CreateAsync(RemoteInstance.SpecOf(shown), shown.MinerHotkey, start: false));
            if (shown.ConfigId is { } configId && await store.FindConfigAsync(configId) is { } config)
            {
                Require(await instance.NoteAsync(new InstanceNote(LaunchEventTypes.Issued, config.IssuedAt, $"Launch config {configId} issued.")));
            }

            await TellAsync(instance, shown, LaunchEventTypes.Claimed, shown.CreatedAt, $"Claimed by {shown.MinerHotkey}.");
        }

        if (missing.HasFlag(Stages.Verified))
        {
            await TellAsync(instance, shown, LaunchEventTypes.Verified, shown.VerifiedAt ?? Now, "Verified.");
        }

        if (missing.HasFlag(Stages.Activated))
        {
            // One that somebody started before runs already.
            await instance.StartAsync();
            await TellAsync(instance, shown, LaunchEventTypes.Activated, shown.ActivatedAt ?? Now, "Activated.");
        }
    }

    private async Task EndAsync(ChuteInstanceSnapshot shown, ChuteInstanceEnding ending)
    {
        var instance = GrainFactory.GetGrain<IInstanceGrain>(Id);
        if (ending.Type != LaunchEventTypes.Deleted)
        {
            await instance.NoteAsync(new InstanceNote(ending.Type, ending.At, ending.Reason));
            await PublishAsync(shown, ending.Type, ending.At, ending.Reason);
        }

        // One that is gone, or on its way, is refused.
        await instance.DeleteAsync();
        await PublishAsync(shown, LaunchEventTypes.Deleted, ending.At, ending.Reason);
        await store.ForgetAsync(Id);
    }

    private async Task TellAsync(IInstanceGrain instance, ChuteInstanceSnapshot shown, string type, DateTimeOffset at, string message)
    {
        Require(await instance.NoteAsync(new InstanceNote(type, at, message)));
        await PublishAsync(shown, type, at, message: null);
    }

    private async Task PublishAsync(ChuteInstanceSnapshot shown, string type, DateTimeOffset at, string? message) => await events.PublishAsync(new LaunchEvent
    {
        Type = type,
        At = at,
        ChuteId = shown.ChuteId,
        ConfigId = shown.ConfigId,
        InstanceId = shown.InstanceId,
        MinerHotkey = shown.MinerHotkey,
        Message = message,
        Gpus = shown.Gpus,
        GpuName = await store.FindGpuNameAsync(shown.Gpus[0]),
    });

    /// <summary>Deleted by somebody just now, it is found ended at the next sweep; anything else is a fault.</summary>
    private static void Require(InstanceReply reply)
    {
        if (reply.Refusal is { Kind: not RefusalKind.NotFound } refusal)
        {
            throw new InvalidOperationException($"The instance can't follow: {refusal.Message}");
        }
    }

    [LoggerMessage(LogLevel.Warning, "What was decided of chute instance {InstanceId} is stored, but did not reach the instance or its listeners; the next sweep tries again")]
    private partial void LogNotFollowed(Exception error, Guid instanceId);
}
