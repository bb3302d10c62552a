using System.Collections.Concurrent;
using System.Collections.Immutable;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Gateway.Instances;

/// <summary>
/// What instances use right now, asked of their nodes with one call for each and remembered for a second. Generations of
/// one second bound it: a new one forgets everything.
/// </summary>
internal sealed partial class UsageCache(IGrainFactory grains, TimeProvider time, ILogger<UsageCache> logger)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(1);

    /// <summary>A list must not hang on one slow node.</summary>
    private static readonly TimeSpan AskFor = TimeSpan.FromSeconds(1);

    private Generation _generation = new(time.GetTimestamp());

    /// <summary>The usage of one instance; null when its node gives none.</summary>
    public async ValueTask<InstanceUsage?> GetAsync(InstanceSnapshot instance, CancellationToken cancellationToken) =>
        Current().Usages.TryGetValue(instance.Id, out var known)
            ? known
            : (await GetAsync([instance], cancellationToken)).GetValueOrDefault(instance.Id);

    /// <summary>The usages of those whose nodes give one, by id.</summary>
    public async Task<IReadOnlyDictionary<Guid, InstanceUsage>> GetAsync(IEnumerable<InstanceSnapshot> instances, CancellationToken cancellationToken)
    {
        var usages = Current().Usages;
        var unknown = instances.Where(instance => instance.Node is not null && !usages.ContainsKey(instance.Id));
        await Task.WhenAll(unknown
            .GroupBy(instance => instance.Node!, instance => instance.Id)
            .Select(node => FillAsync(usages, node.Key, [.. node], cancellationToken)));
        return usages;
    }

    private async Task FillAsync(
        ConcurrentDictionary<Guid, InstanceUsage> usages,
        string node,
        ImmutableArray<Guid> ids,
        CancellationToken cancellationToken)
    {
        foreach (var usage in await AskAsync(node, ids, cancellationToken))
        {
            usages[usage.InstanceId] = usage;
        }
    }

    private async Task<ImmutableArray<InstanceUsage>> AskAsync(string node, ImmutableArray<Guid> ids, CancellationToken cancellationToken)
    {
        try
        {
            return await grains.GetGrain<INodeGrain>(node).GetUsageAsync(ids).WaitAsync(AskFor, time, cancellationToken);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            // Usage is an extra: whoever asks gets its instances without it.
            LogNoUsage(error, node);
            return [];
        }
    }

    private Generation Current()
    {
        var current = Volatile.Read(ref _generation);
        if (time.GetElapsedTime(current.StartedAt) < Lifetime)
        {
            return current;
        }

        var next = new Generation(time.GetTimestamp());
        var found = Interlocked.CompareExchange(ref _generation, next, current);
        return found == current ? next : found;
    }

    [LoggerMessage(LogLevel.Warning, "Node {Node} does not say what its instances use")]
    private partial void LogNoUsage(Exception error, string node);

    private sealed record Generation(long StartedAt)
    {
        /// <summary>An instance whose node gave nothing is not in it, and is asked for again.</summary>
        public ConcurrentDictionary<Guid, InstanceUsage> Usages { get; } = new();
    }
}
