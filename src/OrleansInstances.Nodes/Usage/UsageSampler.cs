using System.Collections.Immutable;
using OrleansInstances.Keeper;
using OrleansInstances.Keeper.Protocol;

namespace OrleansInstances.Nodes.Usage;

/// <summary>Measures what instances use when someone asks: one sample serves everybody for a second, and only one is taken at a time.</summary>
/// <param name="alive">The runs to measure.</param>
/// <param name="find">The run of one instance, if it is alive.</param>
internal sealed class UsageSampler(string dataFolder, Func<IReadOnlyList<RunRecord>> alive, Func<Guid, RunRecord?> find, TimeProvider time)
{
    private static readonly TimeSpan SampleAge = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DiskAge = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _turn = new(1);
    private readonly Dictionary<Guid, (long TakenAt, long Bytes)> _disks = [];
    private UsageSample? _sample;

    /// <summary>The numbers of those among the instances that were alive in the sample.</summary>
    public async Task<ImmutableArray<InstanceUsage>> GetAsync(ImmutableArray<Guid> instanceIds)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            return await Task.Run(() => Get(instanceIds)).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    private ImmutableArray<InstanceUsage> Get(ImmutableArray<Guid> instanceIds)
    {
        if (_sample is null || time.GetElapsedTime(_sample.Timestamp) >= SampleAge || !Covers(_sample, instanceIds))
        {
            _sample = UsageSample.Take(alive(), _sample, time);
            Forget(_sample);
        }

        var usages = ImmutableArray.CreateBuilder<InstanceUsage>(instanceIds.Length);
        foreach (var id in instanceIds)
        {
            if (_sample.Find(id) is { } usage)
            {
                usages.Add(usage with { DiskBytes = GetDisk(id) });
            }
        }

        return usages.DrainToImmutable();
    }

    /// <summary>Who asks for one instance alone gets it from its first moment on; a list takes what the second's sample has.</summary>
    private bool Covers(UsageSample sample, ImmutableArray<Guid> instanceIds) =>
        instanceIds is not [var id] || find(id) is not { } run || sample.Has(run);

    private long GetDisk(Guid id)
    {
        if (!_disks.TryGetValue(id, out var disk) || time.GetElapsedTime(disk.TakenAt) >= DiskAge)
        {
            disk = (time.GetTimestamp(), FolderSize.Of(new InstanceFolder(dataFolder, id).Path));
            _disks[id] = disk;
        }

        return disk.Bytes;
    }

    private void Forget(UsageSample sample)
    {
        foreach (var id in _disks.Keys)
        {
            if (sample.Find(id) is null)
            {
                _disks.Remove(id);
            }
        }
    }
}
