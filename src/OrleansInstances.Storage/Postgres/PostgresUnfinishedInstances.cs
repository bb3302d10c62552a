using System.Collections.Immutable;
using OrleansInstances.Instances;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Storage.Postgres;

internal sealed class PostgresUnfinishedInstances(PostgresDatabase database) : IUnfinishedInstances
{
    // A deleted instance whose output is kept for a while (due_at) needs no look before.
    private static readonly string FindSql = $"""
        SELECT id FROM instances WHERE busy AND id > @after
        UNION
        SELECT id FROM instances WHERE due_at <= @now AND id > @after
        UNION
        SELECT id FROM instances WHERE status = ANY (@statuses) AND id > @after
            AND NOT (status = {(int)InstanceStatus.Deleted} AND due_at IS NOT NULL)
        UNION
        SELECT id FROM instances WHERE node = @node AND {AtRest.Not} AND status = ANY (@node_statuses) AND id > @after
        UNION
        SELECT instance_id FROM grain_state AS state WHERE instance_id > @after AND NOT EXISTS (
            SELECT FROM instances WHERE id = instance_id AND instances.version >= snapshot_version)
        ORDER BY 1 LIMIT @limit
        """;

    private static readonly string FindOnNodesSql =
        $"SELECT id FROM instances WHERE node = ANY (@nodes) AND {AtRest.Not} AND id > @after ORDER BY id LIMIT @limit";

    public async Task<IReadOnlyList<Guid>> FindAsync(UnfinishedQuery query, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(query.Limit);
        return await database.ListAsync(
            FindSql,
            row => row.GetGuid(0),
            cancellationToken,
            ("after", query.After ?? Guid.Empty),
            ("now", query.Now.ToUniversalTime()),
            ("statuses", Numbers(query.Statuses)),
            ("node", query.Node),
            ("node_statuses", Numbers(query.NodeStatuses)),
            ("limit", query.Limit));
    }

    public async Task<IReadOnlyList<Guid>> FindOnNodesAsync(
        IReadOnlyCollection<string> nodes, int limit, Guid? after, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        return await database.ListAsync(
            FindOnNodesSql,
            row => row.GetGuid(0),
            cancellationToken,
            ("nodes", nodes.ToArray()),
            ("after", after ?? Guid.Empty),
            ("limit", limit));
    }

    private static int[] Numbers(ImmutableHashSet<InstanceStatus> statuses) => [.. statuses.Select(status => (int)status)];
}
