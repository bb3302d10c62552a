using OrleansInstances.Instances;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Storage.Postgres;

internal sealed class PostgresUnfinishedInstances(PostgresDatabase database) : IUnfinishedInstances
{
    // A deleted instance whose output is kept for a while (due_at) needs no look before.
    internal static readonly string FindSql = $"""
        SELECT id FROM instances WHERE busy AND id > @after
        UNION
        SELECT id FROM instances WHERE due_at <= @now AND id > @after
        UNION
        SELECT id FROM instances WHERE status = ANY (@statuses) AND id > @after
            AND NOT (status = {(int)InstanceStatus.Deleted} AND due_at IS NOT NULL)
        UNION
        SELECT instance_id FROM unpublished WHERE instance_id > @after
        ORDER BY 1 LIMIT @limit
        """;

    internal static readonly string FindOnNodesSql =
        $"SELECT id FROM instances WHERE node = ANY (@nodes) AND {AtRest.Not} AND id > @after ORDER BY id LIMIT @limit";

    internal const string CompareSql = """
        SELECT instance_id, NOT EXISTS (
            SELECT FROM instances WHERE id = instance_id AND instances.version >= snapshot_version)
        FROM (
            SELECT instance_id, snapshot_version FROM grain_state WHERE instance_id > @after
            ORDER BY instance_id LIMIT @states) AS state
        ORDER BY instance_id
        """;

    public async Task<IReadOnlyList<Guid>> FindAsync(UnfinishedQuery query, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(query.Limit);
        return await database.ListPageAsync(FindSql, row => row.GetGuid(0), cancellationToken, Parameters(query));
    }

    public async Task<IReadOnlyList<Guid>> FindOnNodesAsync(
        IReadOnlyCollection<string> nodes, int limit, Guid? after, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        return await database.ListPageAsync(
            FindOnNodesSql,
            row => row.GetGuid(0),
            cancellationToken,
            ("nodes", nodes.ToArray()),
            ("after", after ?? Guid.Empty),
            ("limit", limit));
    }

    public async Task<CatalogComparison> CompareAsync(Guid? after, int states, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(states);
        var compared = await database.ListPageAsync(
            CompareSql,
            row => (row.GetGuid(0), row.GetBoolean(1)),
            cancellationToken,
            ("after", after ?? Guid.Empty),
            ("states", states));
        return CatalogComparison.Of(compared, states);
    }

    internal static (string Name, object? Value)[] Parameters(UnfinishedQuery query) =>
    [
        ("after", query.After ?? Guid.Empty),
        ("now", query.Now.ToUniversalTime()),
        ("statuses", query.Statuses.Select(status => (int)status).ToArray()),
        ("limit", query.Limit),
    ];
}
