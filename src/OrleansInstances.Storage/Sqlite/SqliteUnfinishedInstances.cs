using System.Collections.Immutable;
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
            SELECT id FROM instances WHERE node = @node AND {AtRest.Not} AND status IN (SELECT value FROM json_each(@node_statuses))
            UNION ALL
            SELECT instance_id FROM grain_state WHERE instance_id IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM instances INDEXED BY instances_by_version
                WHERE id = instance_id AND version >= snapshot_version))
        WHERE id > @after
        ORDER BY id LIMIT @limit
        """;

    private static readonly string FindOnNodesSql = $"""
        SELECT id FROM instances WHERE node IN (SELECT value FROM json_each(@nodes)) AND {AtRest.Not} AND id > @after
        ORDER BY id LIMIT @limit
        """;

    public async Task<IReadOnlyList<Guid>> FindAsync(UnfinishedQuery query, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(query.Limit);
        var statuses = Json(query.Statuses);
        var nodeStatuses = Json(query.NodeStatuses);
        return await database.ReadAsync(
            session => session.List(
                FindSql,
                row => row.GetId(0),
                ("@after", query.After?.ToBlob() ?? []),
                ("@now", query.Now.ToUnixTimeMilliseconds()),
                ("@statuses", statuses),
                ("@node", query.Node),
                ("@node_statuses", nodeStatuses),
                ("@limit", query.Limit)),
            cancellationToken);
    }

    public async Task<IReadOnlyList<Guid>> FindOnNodesAsync(
        IReadOnlyCollection<string> nodes, int limit, Guid? after, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        var names = JsonSerializer.Serialize(nodes, StorageJson.Default.IReadOnlyCollectionString);
        return await database.ReadAsync(
            session => session.List(
                FindOnNodesSql,
                row => row.GetId(0),
                ("@nodes", names),
                ("@after", after?.ToBlob() ?? []),
                ("@limit", limit)),
            cancellationToken);
    }

    private static string Json(ImmutableHashSet<InstanceStatus> statuses) =>
        JsonSerializer.Serialize(statuses.Select(status => (int)status), StorageJson.Default.IEnumerableInt32);
}
