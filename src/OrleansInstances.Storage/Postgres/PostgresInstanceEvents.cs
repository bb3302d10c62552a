using System.Text.Json;
using Npgsql;
using OrleansInstances.Instances;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Storage.Postgres;

internal sealed class PostgresInstanceEvents(PostgresDatabase database) : IInstanceEvents
{
    private const string Columns = "instance_id, sequence, type, at, epoch, message, metadata, owner";

    /// <summary>Silos that clean up at the same time share the work.</summary>
    private const string ForgetSql = """
        WITH old AS MATERIALIZED (
            SELECT instance_id, sequence FROM instance_events WHERE at < @before ORDER BY at LIMIT @limit FOR UPDATE SKIP LOCKED
        )
        DELETE FROM instance_events USING old
        WHERE instance_events.instance_id = old.instance_id AND instance_events.sequence = old.sequence
        """;

    public async Task<IReadOnlyList<InstanceEvent>> ListAsync(
        Guid instanceId, EventQuery query, long afterSequence, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        var filter = new PostgresEventFilter(query);
        filter.Require("instance_id = @id", "@id", instanceId);
        filter.Require("sequence > @after", "@after", afterSequence);
        filter.Bind("@limit", limit);
        return await database.ListAsync(
            $"SELECT {Columns} FROM instance_events WHERE true{filter.Conditions} ORDER BY sequence LIMIT @limit",
            Map,
            cancellationToken,
            filter.Parameters);
    }

    public async Task<IReadOnlyList<LoggedEvent>> PageAsync(EventQuery query, PageRequest page, CancellationToken cancellationToken)
    {
        var filter = new PostgresEventFilter(query);
        filter.Bind("@limit", page.Limit);
        filter.Bind("@offset", page.Offset);
        var order = page.Direction;
        return await database.ListAsync(
            $"""
            SELECT {Columns} FROM instance_events WHERE true{filter.Conditions}
            ORDER BY at {order}, instance_id {order}, sequence {order} LIMIT @limit OFFSET @offset
            """,
            row => new LoggedEvent(Map(row), row.GetString(7)),
            cancellationToken,
            filter.Parameters);
    }

    public Task<string?> FindOwnerAsync(Guid instanceId, CancellationToken cancellationToken) => database.FirstAsync(
        "SELECT owner FROM instance_events WHERE instance_id = @id LIMIT 1", row => row.GetString(0), cancellationToken, ("id", instanceId));

    public Task<int> ForgetAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken) =>
        database.ExecuteAsync(ForgetSql, cancellationToken, ("before", before.ToUniversalTime()), ("limit", limit));

    private static InstanceEvent Map(NpgsqlDataReader row) => new(
        row.GetGuid(0),
        row.GetInt64(1),
        row.GetString(2),
        row.GetTime(3),
        row.GetInt64(4),
        row.GetString(5),
        JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(6), StorageJson.Default.ImmutableDictionaryStringString)!);
}
