using System.Text.Json;
using Microsoft.Data.Sqlite;
using OrleansInstances.Instances;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Storage.Sqlite;

internal sealed class SqliteInstanceEvents(SqliteDatabase database) : IInstanceEvents
{
    private const string Columns = "instance_id, sequence, type, at, epoch, message, metadata, owner";

    private const string ForgetSql = """
        DELETE FROM instance_events WHERE (instance_id, sequence) IN (
            SELECT instance_id, sequence FROM instance_events WHERE at < @before ORDER BY at LIMIT @limit)
        """;

    public async Task<IReadOnlyList<InstanceEvent>> ListAsync(
        Guid instanceId, EventQuery query, long afterSequence, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        var filter = new EventFilter(query);
        filter.Require("instance_id = @id", "@id", instanceId.ToBlob());
        filter.Require("sequence > @after", "@after", afterSequence);
        var sql = $"SELECT {Columns} FROM instance_events WHERE true{filter.Conditions} ORDER BY sequence LIMIT @limit";
        filter.Bind("@limit", limit);
        return await database.ReadAsync(session => session.List(sql, Map, filter.Parameters), cancellationToken);
    }

    public async Task<IReadOnlyList<LoggedEvent>> PageAsync(EventQuery query, PageRequest page, CancellationToken cancellationToken)
    {
        var filter = new EventFilter(query);
        var order = page.Direction;
        var sql = $"""
            SELECT {Columns} FROM instance_events WHERE true{filter.Conditions}
            ORDER BY at {order}, instance_id {order}, sequence {order} LIMIT @limit OFFSET @offset
            """;
        filter.Bind("@limit", page.Limit);
        filter.Bind("@offset", page.Offset);
        return await database.ReadAsync(
            session => session.List(sql, row => new LoggedEvent(Map(row), row.GetString(7)), filter.Parameters), cancellationToken);
    }

    public Task<string?> FindOwnerAsync(Guid instanceId, CancellationToken cancellationToken) => database.ReadAsync(
        session => session.First(
            "SELECT owner FROM instance_events WHERE instance_id = @id LIMIT 1", row => row.GetString(0), ("@id", instanceId.ToBlob())),
        cancellationToken);

    public Task<int> ForgetAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken) => database.WriteAsync(
        session => session.Execute(ForgetSql, ("@before", before.ToUnixTimeMilliseconds()), ("@limit", limit)), cancellationToken);

    private static InstanceEvent Map(SqliteDataReader row) => new(
        row.GetId(0),
        row.GetInt64(1),
        row.GetString(2),
        row.GetTime(3),
        row.GetInt64(4),
        row.GetString(5),
        JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(6), StorageJson.Default.ImmutableDictionaryStringString)!);
}
