using Microsoft.Data.Sqlite;

namespace OrleansInstances.Storage.Sqlite;

/// <summary>The name of one stored state, and the statements on its row.</summary>
internal sealed record GrainStateKey(string GrainType, string GrainKey, string StateName)
{
    private const string IsThisRow = "grain_type = @type AND grain_key = @key AND state_name = @name";

    public GrainStateKey(GrainId grainId, string stateName)
        : this(grainId.Type.ToString()!, grainId.Key.ToString()!, stateName)
    {
    }

    public StoredState? Read(SqliteSession session) => session.First(
        $"SELECT row_id, revision, payload FROM grain_state WHERE {IsThisRow}",
        row => new StoredState(ReadETag(row), row.GetFieldValue<byte[]>(2)),
        ("@type", GrainType), ("@key", GrainKey), ("@name", StateName));

    public ETag? ReadETag(SqliteSession session) => session.First<ETag?>(
        $"SELECT row_id, revision FROM grain_state WHERE {IsThisRow}",
        row => ReadETag(row),
        ("@type", GrainType), ("@key", GrainKey), ("@name", StateName));

    /// <summary>Stores the first state; null when there is one already.</summary>
    public ETag? Insert(SqliteSession session, byte[] payload, CatalogEntry? entry) => session.First<ETag?>(
        """
        INSERT INTO grain_state (grain_type, grain_key, state_name, revision, instance_id, snapshot_version, payload)
        VALUES (@type, @key, @name, 1, @instance, @version, @payload)
        ON CONFLICT DO NOTHING
        RETURNING row_id, revision
        """,
        row => ReadETag(row),
        ("@type", GrainType),
        ("@key", GrainKey),
        ("@name", StateName),
        ("@instance", entry?.InstanceId.ToBlob()),
        ("@version", entry?.Version),
        ("@payload", payload));

    /// <summary>Replaces the state of this ETag; null when another one is stored.</summary>
    public ETag? Update(SqliteSession session, ETag held, byte[] payload, CatalogEntry? entry) => session.First<ETag?>(
        $"""
        UPDATE grain_state
        SET revision = revision + 1, instance_id = @instance, snapshot_version = @version, payload = @payload
        WHERE {IsThisRow} AND row_id = @row AND revision = @revision
        RETURNING row_id, revision
        """,
        row => ReadETag(row),
        ("@type", GrainType),
        ("@key", GrainKey),
        ("@name", StateName),
        ("@row", held.RowId),
        ("@revision", held.Revision),
        ("@instance", entry?.InstanceId.ToBlob()),
        ("@version", entry?.Version),
        ("@payload", payload));

    /// <summary>Removes the state with the catalog row that belongs to it.</summary>
    public void Delete(SqliteSession session)
    {
        var instanceId = session.Scalar(
            $"DELETE FROM grain_state WHERE {IsThisRow} RETURNING instance_id",
            ("@type", GrainType), ("@key", GrainKey), ("@name", StateName));
        if (instanceId is byte[] id)
        {
            CatalogEntry.Remove(session, id);
        }
    }

    public override string ToString() => $"{GrainType}/{GrainKey}/{StateName}";

    private static ETag ReadETag(SqliteDataReader row) => new(row.GetInt64(0), row.GetInt64(1));
}

internal sealed record StoredState(ETag ETag, byte[] Payload);
