using System.Text.Json;
using OrleansInstances.Instances;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Storage.Sqlite;

internal sealed class SqliteUnfinishedInstances(SqliteDatabase database) : IUnfinishedInstances
{
    // Each part has an index of its own; one query with OR over a join would scan, and so would an ordered UNION.
    // A deleted instance whose output is kept for a while (due_at) needs no look before.
    private static readonly string FindSql = $"""
        SELECT DISTINCT id FROM (
            SELECT id FROM instances WHERE busy = 1
            UNION ALL
            SELECT id FROM instances WHERE due_at <= @now
            UNION ALL
            SELECT id FROM instances WHERE status IN (SELECT value FROM json_each(@statuses))
                AND NOT (status = {(int)InstanceStatus.Deleted} AND due_at IS NOT NULL)
            UNION ALL
            SELECT instance_id FROM grain_state WHERE instance_id IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM instances INDEXED BY instances_by_version
                WHERE id = instance_id AND version >= snapshot_version))
        WHERE id > @after
        ORDER BY id LIMIT @limit
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
