using System.Text.Json;
using Npgsql;
using OrleansInstances.Instances;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Storage.Postgres;

internal sealed class PostgresInstanceEvents(PostgresDatabase database) : IInstanceEvents
{
    private const string ListSql = """
        SELECT sequence, type, at, epoch, message, metadata FROM instance_events
        WHERE instance_id = @id AND sequence > @after AND (@types::text[] IS NULL OR type = ANY (@types))
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
        return await database.ListAsync(
            ListSql,
            Map,
            cancellationToken,
            ("id", instanceId),
            ("after", afterSequence),
            // No type holds U+0000, and PostgreSQL takes no text with it.
            ("types", types?.Where(type => !type.Contains('\0', StringComparison.Ordinal)).ToArray()),
            ("limit", limit));

        InstanceEvent Map(NpgsqlDataReader row) => new(
            instanceId,
            row.GetInt64(0),
            row.GetString(1),
            row.GetTime(2),
            row.GetInt64(3),
            row.GetString(4),
            JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(5), StorageJson.Default.ImmutableDictionaryStringString)!);
    }
}
