using System.Collections.Concurrent;
using Orleans.Storage;

namespace OrleansInstances.Engines.Tests.Grains;

/// <summary>A store in memory. Other writers are played by the tests.</summary>
public sealed class DictionaryStorage : IGrainStorage
{
    public const string Name = "dictionary";

    private readonly ConcurrentDictionary<string, (object? State, int Version)> _records = new();

    /// <summary>Thrown by the next operation on a grain.</summary>
    public ConcurrentDictionary<string, Exception> Failures { get; } = new();

    public int VersionOf(string key) => _records[key].Version;

    /// <summary>Stores something else behind the grain's back.</summary>
    public void Overwrite(string key, object state) => _records.AddOrUpdate(key, (state, 1), (_, old) => (state, old.Version + 1));

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        ThrowIfTold(grainId);
        if (_records.TryGetValue(grainId.Key.ToString()!, out var record))
        {
            grainState.State = (T)record.State!;
            grainState.ETag = record.Version.ToString();
            grainState.RecordExists = true;
        }

        return Task.CompletedTask;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        ThrowIfTold(grainId);
        await Task.Yield();
        var key = grainId.Key.ToString()!;
        Check(key, grainState.ETag);
        Overwrite(key, grainState.State!);
        grainState.ETag = VersionOf(key).ToString();
        grainState.RecordExists = true;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        ThrowIfTold(grainId);
        var key = grainId.Key.ToString()!;
        Check(key, grainState.ETag);
        _records.TryRemove(key, out _);
        grainState.State = Activator.CreateInstance<T>();
        grainState.ETag = null;
        grainState.RecordExists = false;
        return Task.CompletedTask;
    }

    private void Check(string key, string? etag)
    {
        var stored = _records.TryGetValue(key, out var record) ? record.Version.ToString() : null;
        if (stored != etag)
        {
            throw new InconsistentStateException($"{key} was written by somebody else.", stored, etag);
        }
    }

    private void ThrowIfTold(GrainId grainId)
    {
        if (Failures.TryRemove(grainId.Key.ToString()!, out var failure))
        {
            throw failure;
        }
    }
}
