using System.Collections.Concurrent;
using OrleansInstances.Grains.Launches;
using OrleansInstances.Launches;
using OrleansInstances.Storage.Chutes;

namespace OrleansInstances.Gateway.Dialects.Chutes.Verification;

/// <summary>Verifies instances without a launch config in the background, each once at a time and not too often; counted by each gateway.</summary>
internal sealed partial class LegacyVerifications(
    IGrainFactory grains, ILegacyVerifier verifier, IChuteInventory inventory, TimeProvider time, ILogger<LegacyVerifications> logger)
{
    /// <summary>So many attempts are taken before one has rested for <see cref="Window"/>.</summary>
    private const int MostAttempts = 6;

    private const int MaxKnown = 10_000;

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(600);
    private static readonly TimeSpan AtMost = TimeSpan.FromSeconds(180);

    private readonly ConcurrentDictionary<Guid, Attempts> _known = new();

    /// <summary>Begins one, unless one is under way or nothing is to be verified. False when there were too many.</summary>
    public async Task<bool> BeginAsync(ChuteInstanceSnapshot instance, CancellationToken cancellationToken)
    {
        if (await inventory.FindChuteAsync(instance.ChuteId, cancellationToken) is not { } chute || ChuteInstanceRules.NeedsLaunchConfig(chute))
        {
            return true;
        }

        var attempts = Find(instance.InstanceId);
        lock (attempts)
        {
            if (attempts.IsUnderWay)
            {
                return true;
            }

            if (time.GetElapsedTime(attempts.LastAt) >= Window)
            {
                attempts.Count = 0;
            }

            if (attempts.Count == MostAttempts)
            {
                return false;
            }

            attempts.Count++;
            attempts.LastAt = time.GetTimestamp();
            attempts.IsUnderWay = true;
        }

        _ = RunAsync(instance, attempts);
        return true;
    }

    private async Task RunAsync(ChuteInstanceSnapshot instance, Attempts attempts)
    {
        try
        {
            using var deadline = new CancellationTokenSource(AtMost, time);
            var failure = await verifier.VerifyAsync(instance, deadline.Token).WaitAsync(deadline.Token);
            await grains.GetGrain<IChuteInstanceGrain>(instance.InstanceId).VerifiedAsync(failure);
        }
        catch (Exception error)
        {
            // The instance is as it was; its miner asks again.
            LogFailed(error, instance.InstanceId);
        }
        finally
        {
            lock (attempts)
            {
                attempts.IsUnderWay = false;
            }
        }
    }

    private Attempts Find(Guid instanceId)
    {
        if (_known.Count >= MaxKnown)
        {
            foreach (var (id, old) in _known)
            {
                if (time.GetElapsedTime(old.LastAt) >= Window)
                {
                    _known.TryRemove(id, out _);
                }
            }
        }

        return _known.GetOrAdd(instanceId, _ => new Attempts { LastAt = time.GetTimestamp() });
    }

    private sealed class Attempts
    {
        public int Count { get; set; }

        public long LastAt { get; set; }

        public bool IsUnderWay { get; set; }
    }
}
