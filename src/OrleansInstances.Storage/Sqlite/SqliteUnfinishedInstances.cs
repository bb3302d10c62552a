using System.Text.Json;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Storage.Sqlite;

internal sealed class SqliteUnfinishedInstances(SqliteDatabase database) : IUnfinishedInstances
{
    // Each part has an index of its own; one query with OR over a join would scan.
    private const string FindSql = """
        SELECT id FROM instances WHERE busy = 1 AND id > @after
        UNION
        SELECT id FROM instances WHERE due_at <= @now AND id > @after
        UNION
        SELECT id FROM instances WHERE status IN (SELECT value FROM json_each(@statuses)) AND id > @after
        UNION
        SELECT state.instance_id FROM grain_state AS state LEFT JOIN instances AS shown ON shown.id = state.instance_id
        WHERE state.instance_id > @after AND (shown.id IS NULL OR shown.version < state.snapshot_version)
        ORDER BY 1 LIMIT @limit
        """;

    public async Task<IReadOnlyList<Guid>> FindAsync(UnfinishedQuery query, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(query.Limit);
        var statuses = JsonSerializer.Serialize(
            query.Statuses.Select(status => (int)status), StorageJson.Default.IEnumerableInt32);
        return await database.ReadAsync(
            session => session.List(
                FindSql,
                row => row.GetId(0),
                ("@after", query.After?.ToBlob() ?? []),
                ("@now", query.Now.ToUnixTimeMilliseconds()),
                ("@statuses", statuses),
                ("@limit", query.Limit)),
            cancellationToken);
    }
}
