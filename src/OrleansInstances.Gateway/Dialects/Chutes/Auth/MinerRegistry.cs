using System.Collections.Concurrent;
using OrleansInstances.Storage.Chutes;

namespace OrleansInstances.Gateway.Dialects.Chutes.Auth;

/// <summary>Which hotkeys are registered. One that was within the last <see cref="Trust"/> costs no query.</summary>
internal sealed class MinerRegistry(IChuteInventory inventory, TimeProvider time)
{
    public static readonly TimeSpan Trust = TimeSpan.FromSeconds(30);

    private const int MaxKnown = 100_000;

    /// <summary>Only registered ones, by when they were looked up.</summary>
    private readonly ConcurrentDictionary<string, long> _known = new(StringComparer.Ordinal);

    public async ValueTask<bool> HasAsync(string hotkey, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(hotkey, out var seenAt) && time.GetElapsedTime(seenAt) < Trust)
        {
            return true;
        }

        var now = time.GetTimestamp();
        if (await inventory.FindMinerAsync(hotkey, cancellationToken) is null)
        {
            _known.TryRemove(hotkey, out _);
            return false;
        }

        if (_known.Count >= MaxKnown)
        {
            _known.Clear();
        }

        _known[hotkey] = now;
        return true;
    }
}
