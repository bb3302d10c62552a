using System.Text.Json;
using Microsoft.Data.Sqlite;
using OrleansInstances.Instances;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Storage.Sqlite;

internal sealed class SqliteInstanceEvents(SqliteDatabase database) : IInstanceEvents
{
    private const string ListSql = """
        SELECT sequence, type, at, epoch, message, metadata FROM instance_events
        WHERE instance_id = @id AND sequence > @after
            AND (@types IS NULL OR type IN (SELECT value FROM json_each(@types)))
        ORDER BY sequence LIMIT @limit
        """;

    public async Task<IReadOnlyList<InstanceEvent>> ListAsync(
        Guid instanceId,
        long afterSequence,
        int limit,
        IReadOnlyCollection<string>? types,
        CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        var typesJson = types is null ? null : JsonSerializer.Serialize(types, StorageJson.Default.IReadOnlyCollectionString);
        return await database.ReadAsync(
            session => session.List(
                ListSql,
                Map,
                ("@id", instanceId.ToBlob()),
                ("@after", afterSequence),
                ("@types", typesJson),
                ("@limit", limit)),
            cancellationToken);

        InstanceEvent Map(SqliteDataReader row) => new(
            instanceId,
            row.GetInt64(0),
            row.GetString(1),
            row.GetTime(2),
            row.GetInt64(3),
            row.GetString(4),
            JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(5), StorageJson.Default.ImmutableDictionaryStringString)!);
    }
}
