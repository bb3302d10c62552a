using System.Text.Json;
using OrleansInstances.Instances;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Storage.Sqlite;

internal sealed class SqliteUnfinishedInstances(SqliteDatabase database) : IUnfinishedInstances
{
    // Each part has an index of its own; one query with OR over a join would scan, and so would an ordered UNION.
    // A state and its row are one transaction, so none is ever written and not published.
    // A deleted instance whose output is kept for a while (due_at) needs no look before.
    internal static readonly string FindSql = $"""
        SELECT DISTINCT id FROM (
            SELECT id FROM instances WHERE busy = 1
            UNION ALL
            SELECT id FROM instances WHERE due_at <= @now
            UNION ALL
            SELECT id FROM instances WHERE status IN (SELECT value FROM json_each(@statuses))
                AND NOT (status = {(int)InstanceStatus.Deleted} AND due_at IS NOT NULL))
        WHERE id > @after
        ORDER BY id LIMIT @limit
        """;

    internal static readonly string FindOnNodesSql = $"""
        SELECT id FROM instances WHERE node IN (SELECT value FROM json_each(@nodes)) AND {AtRest.Not} AND id > @after
        ORDER BY id LIMIT @limit
        """;

    internal const string CompareSql = """
        SELECT instance_id, NOT EXISTS (
            SELECT 1 FROM instances INDEXED BY instances_by_version WHERE id = instance_id AND version >= snapshot_version)
        FROM grain_state WHERE instance_id > @after ORDER BY instance_id LIMIT @states
        """;

    public async Task<IReadOnlyList<Guid>> FindAsync(UnfinishedQuery query, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(query.Limit);
        return await database.ReadAsync(session => session.List(FindSql, row => row.GetId(0), Parameters(query)), cancellationToken);
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

    public async Task<CatalogComparison> CompareAsync(Guid? after, int states, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(states);
        var compared = await database.ReadAsync(
            session => session.List(
                CompareSql,
                row => (row.GetId(0), row.GetBoolean(1)),
                ("@after", after?.ToBlob() ?? []),
                ("@states", states)),
            cancellationToken);
        return CatalogComparison.Of(compared, states);
    }

    internal static (string Name, object? Value)[] Parameters(UnfinishedQuery query) =>
    [
        ("@after", query.After?.ToBlob() ?? []),
        ("@now", query.Now.ToUnixTimeMilliseconds()),
        ("@statuses", JsonSerializer.Serialize(query.Statuses.Select(status => (int)status), StorageJson.Default.IEnumerableInt32)),
        ("@limit", query.Limit),
    ];
}
