using System.Collections.Concurrent;
using System.Globalization;
using Orleans.Storage;
using OrleansInstances.Grains.Instances;

namespace OrleansInstances.Grains.Tests.Cluster;

/// <summary>Grain storage in memory whose writes can be made to fail or to wait.</summary>
internal sealed class HeldStorage : IGrainStorage
{
    private readonly ConcurrentDictionary<GrainId, (InstanceState State, string ETag)> _rows = new();

    /// <summary>Runs before a write is stored: throw to make it fail, wait to make it late.</summary>
    public Func<InstanceState, Task> BeforeWrite { get; set; } = _ => Task.CompletedTask;

    /// <summary>Runs before a state is removed: throw to make it fail.</summary>
    public Action<GrainId> BeforeClear { get; set; } = _ => { };

    public InstanceState? Stored(Guid instanceId) =>
        _rows.Values.Select(row => row.State).FirstOrDefault(state => state.Snapshot?.Id == instanceId);

    /// <summary>Puts a state where the next activation finds it.</summary>
    public void Plant(GrainId grain, InstanceState state) => _rows[grain] = (state, $"planted {Guid.NewGuid()}");

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (_rows.TryGetValue(grainId, out var row))
        {
            grainState.State = (T)(object)row.State;
            grainState.ETag = row.ETag;
            grainState.RecordExists = true;
        }

        return Task.CompletedTask;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var state = (InstanceState)(object)grainState.State!;
        await BeforeWrite(state);
        if (_rows.TryGetValue(grainId, out var row) && row.ETag != grainState.ETag)
        {
            throw new InconsistentStateException("Another write came first.", row.ETag, grainState.ETag);
        }

        var etag = state.Snapshot!.Version.ToString(CultureInfo.InvariantCulture);
        _rows[grainId] = (state, etag);
        grainState.ETag = etag;
        grainState.RecordExists = true;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        BeforeClear(grainId);
        _rows.TryRemove(grainId, out _);
        grainState.RecordExists = false;
        grainState.ETag = null;
        return Task.CompletedTask;
    }
}
