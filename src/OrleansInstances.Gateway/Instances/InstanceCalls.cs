using OrleansInstances.Gateway.Auth;
using OrleansInstances.Gateway.Errors;
using OrleansInstances.Instances;
using OrleansInstances.Storage;

namespace OrleansInstances.Gateway.Instances;

/// <summary>Puts requests to instances by any of their names, and waits for what becomes of them.</summary>
internal sealed class InstanceCalls(InstanceLocator locator, IGrainFactory grains, TimeProvider time)
{
    /// <summary>How long a request is waited for; part of the API, and below the timeout of a grain call.</summary>
    public static readonly TimeSpan AtMost = TimeSpan.FromSeconds(25);

    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(1);

    public Task<InstanceReply> GetAsync(Caller caller, string name, CancellationToken cancellationToken) =>
        GetAsync(caller, name, grain => grain.GetAsync(), cancellationToken);

    /// <summary>Also a deleted one as long as its output is kept.</summary>
    public Task<InstanceReply> GetRetainedAsync(Caller caller, string name, CancellationToken cancellationToken) =>
        GetAsync(caller, name, grain => grain.GetRetainedAsync(), cancellationToken);

    /// <summary>Answers as the grain does, without waiting for an outcome.</summary>
    public async Task<InstanceReply> TellAsync(
        Caller caller,
        string name,
        Func<IInstanceGrain, Task<InstanceReply>> request,
        CancellationToken cancellationToken) =>
        await FindAsync(caller, name, cancellationToken) is { } grain
            ? await SecondTry.UntilTakenAsync(() => request(grain)).WaitAsync(AtMost, time, cancellationToken)
            : Refusal.NotFound;

    /// <summary>Answers when the request has been carried out: the instance when it is no longer busy, or the refusal.</summary>
    /// <param name="caller">On whose behalf; what it may not see doesn't exist.</param>
    /// <param name="name">Any of the instance's names.</param>
    /// <param name="request">What to ask of its grain.</param>
    /// <param name="cancellationToken">Ends the wait, not what is waited for.</param>
    /// <exception cref="TimeoutException">Not carried out within <see cref="AtMost"/>: the outcome is unknown.</exception>
    public async Task<InstanceReply> DoAsync(
        Caller caller,
        string name,
        Func<IInstanceGrain, Task<InstanceReply>> request,
        CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        if (await FindAsync(caller, name, cancellationToken) is not { } grain)
        {
            return Refusal.NotFound;
        }

        var reply = await SecondTry.UntilTakenAsync(() => request(grain)).WaitAsync(AtMost, time, cancellationToken);
        while (reply.Instance is { Busy: true } instance)
        {
            var left = AtMost - time.GetElapsedTime(start);
            if (left <= TimeSpan.Zero)
            {
                throw new TimeoutException($"Instance {instance.Id} is still {instance.Status}.");
            }

            try
            {
                reply = await grain.WaitAsync(instance.Version, left).WaitAsync(left, time, cancellationToken);
            }
            catch (Exception fault) when (IsPassing(fault))
            {
                // It was taken and goes on: that its end can't be seen right now, the grain being lost with its silo or the
                // database being away, must not read as if nothing had been done.
                await Task.Delay(LookAgainAfter, time, cancellationToken);
            }
        }

        return reply;
    }

    private async Task<InstanceReply> GetAsync(
        Caller caller, string name, Func<IInstanceGrain, Task<InstanceReply>> get, CancellationToken cancellationToken)
    {
        if (await locator.FindIdAsync(name, cancellationToken) is not { } id)
        {
            return Refusal.NotFound;
        }

        var grain = grains.GetGrain<IInstanceGrain>(id);
        var reply = await SecondTry.RepeatAsync(() => get(grain)).WaitAsync(AtMost, time, cancellationToken);
        return reply.Instance is { } instance && !caller.Sees(instance) ? Refusal.NotFound : reply;
    }

    /// <summary>The grain behind a name, which need not hold an instance; null when the caller may not see the one it holds.</summary>
    private async Task<IInstanceGrain?> FindAsync(Caller caller, string name, CancellationToken cancellationToken)
    {
        if (await locator.FindIdAsync(name, cancellationToken) is not { } id)
        {
            return null;
        }

        var grain = grains.GetGrain<IInstanceGrain>(id);
        return !caller.IsLimited
            || (await SecondTry.RepeatAsync(grain.GetAsync).WaitAsync(AtMost, time, cancellationToken)).Instance is not { } instance
            || caller.Sees(instance)
            ? grain
            : null;
    }

    private static bool IsPassing(Exception fault) =>
        fault is StorageUnavailableException or StorageOverloadedException or StorageOutcomeUnknownException || CallFault.LostTheWay(fault);
}
