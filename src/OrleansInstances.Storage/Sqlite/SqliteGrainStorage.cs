using System.Text.Json;
using Orleans.Storage;
using OrleansInstances.Grains.Instances;

namespace OrleansInstances.Storage.Sqlite;

/// <summary>
/// Grain state as JSON in <c>state.db</c>. A state that is cataloged is written together with its catalog row and its
/// outbox, in one transaction.
/// </summary>
internal sealed class SqliteGrainStorage(SqliteDatabase database) : IGrainStorage
{
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = new GrainStateKey(grainId, stateName);
        var stored = await database.ReadAsync(key.Read);
        if (stored is null)
        {
            Reset(grainState);
            return;
        }

        grainState.State = JsonSerializer.Deserialize<T>(stored.Payload, StoredJson.SqliteState)
            ?? throw new JsonException($"The stored state {key} is null.");
        grainState.ETag = stored.ETag.ToString();
        grainState.RecordExists = true;
    }

    /// <inheritdoc/>
    /// <exception cref="InconsistentStateException">Another state is stored than the one of the ETag.</exception>
    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = new GrainStateKey(grainId, stateName);
        var payload = JsonSerializer.SerializeToUtf8Bytes(grainState.State!, StoredJson.SqliteState);
        var entry = CatalogEntry.Of(grainState.State as ICatalogedState);
        var held = grainState.ETag;
        var etag = await database.WriteAsync(session =>
        {
            var next = held is null ? key.Insert(session, payload, entry) : key.Update(session, ETag.Parse(held), payload, entry);
            if (next is not { } stored)
            {
                throw Inconsistent(key, key.ReadETag(session), held);
            }

            entry?.Store(session);
            return stored;
        });
        grainState.ETag = etag.ToString();
        grainState.RecordExists = true;
    }

    /// <inheritdoc/>
    /// <exception cref="InconsistentStateException">Another state is stored than the one of the ETag.</exception>
    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = new GrainStateKey(grainId, stateName);
        var held = grainState.ETag;
        await database.WriteAsync(session =>
        {
            var stored = key.ReadETag(session);
            if (stored?.ToString() != held)
            {
                throw Inconsistent(key, stored, held);
            }

            key.Delete(session);
            return true;
        });
        Reset(grainState);
    }

    private static InconsistentStateException Inconsistent(GrainStateKey key, ETag? stored, string? held) =>
        new($"The state {key} was stored by someone else meanwhile.", stored?.ToString() ?? "none", held ?? "none");

    private static void Reset<T>(IGrainState<T> grainState)
    {
        grainState.State = Activator.CreateInstance<T>();
        grainState.ETag = null;
        grainState.RecordExists = false;
    }
}
