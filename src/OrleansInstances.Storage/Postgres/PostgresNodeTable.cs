using Npgsql;
using OrleansInstances.Nodes;
using OrleansInstances.Storage.Nodes;

namespace OrleansInstances.Storage.Postgres;

/// <summary>Times are the server's alone: it writes them, and it compares them.</summary>
internal sealed class PostgresNodeTable(PostgresDatabase database) : INodeTable
{
    private const string Select =
        "SELECT snapshot, incarnation, since, lease, revoked, fenced, removed, cordon, seen_at, now() - seen_at FROM nodes";

    // The number of an update is taken once the row is held: of two joins the later one has the higher.
    private const string Join = """
        INSERT INTO nodes (name, node_id, incarnation, since, lease, seen_at, snapshot)
        SELECT @name, @id, next, next, @lease, now(), @snapshot FROM nextval('node_incarnations') AS next
        ON CONFLICT (name) DO UPDATE SET
            (incarnation, since) = (
                SELECT next, CASE WHEN nodes.node_id = excluded.node_id THEN nodes.since ELSE next END
                FROM nextval('node_incarnations') AS next),
            cordon = CASE WHEN nodes.node_id = excluded.node_id THEN nodes.cordon ELSE 0 END,
            node_id = excluded.node_id, lease = excluded.lease,
            revoked = false, fenced = false, removed = false, seen_at = excluded.seen_at, snapshot = excluded.snapshot
        WHERE nodes.node_id = excluded.node_id OR nodes.fenced OR nodes.removed
        RETURNING incarnation
        """;

    public Task<NodeRow?> FindAsync(string name, CancellationToken cancellationToken) =>
        database.FirstAsync($"{Select} WHERE name = @name", Map, cancellationToken, ("name", name));

    public Task<long?> JoinAsync(NodeSnapshot node, TimeSpan lease, CancellationToken cancellationToken) => database.ExecuteAsync(
        Join,
        row => (long?)row.GetInt64(0),
        cancellationToken,
        ("name", node.Name),
        ("id", node.NodeId),
        ("lease", lease),
        ("snapshot", StoredJson.Write(node)));

    public Task<bool> RenewAsync(NodeSnapshot node, long incarnation, CancellationToken cancellationToken) => ChangeAsync(
        "UPDATE nodes SET seen_at = now(), snapshot = @snapshot WHERE name = @name AND incarnation = @incarnation AND NOT revoked",
        cancellationToken,
        ("snapshot", StoredJson.Write(node)),
        ("name", node.Name),
        ("incarnation", incarnation));

    public Task<bool> RevokeAsync(string name, long incarnation, bool evenIfSeen, CancellationToken cancellationToken) => ChangeAsync(
        """
        UPDATE nodes SET revoked = true WHERE name = @name AND incarnation = @incarnation
            AND (revoked OR @even_if_seen OR now() - seen_at >= lease)
        """,
        cancellationToken,
        ("name", name),
        ("incarnation", incarnation),
        ("even_if_seen", evenIfSeen));

    public Task<bool> MarkFencedAsync(string name, long incarnation, CancellationToken cancellationToken) => ChangeAsync(
        "UPDATE nodes SET fenced = true WHERE name = @name AND incarnation = @incarnation AND revoked",
        cancellationToken,
        ("name", name),
        ("incarnation", incarnation));

    public Task<bool> RemoveAsync(string name, long incarnation, CancellationToken cancellationToken) => ChangeAsync(
        "UPDATE nodes SET removed = true WHERE name = @name AND incarnation = @incarnation AND fenced",
        cancellationToken,
        ("name", name),
        ("incarnation", incarnation));

    public Task<bool> SetCordonAsync(string name, NodeCordon cordon, CancellationToken cancellationToken) => ChangeAsync(
        "UPDATE nodes SET cordon = @cordon WHERE name = @name",
        cancellationToken,
        ("cordon", (int)cordon),
        ("name", name));

    public async Task<IReadOnlyList<NodeRow>> ListAsync(CancellationToken cancellationToken) =>
        await database.ListAsync($"{Select} ORDER BY name", Map, cancellationToken);

    private async Task<bool> ChangeAsync(string sql, CancellationToken cancellationToken, params (string Name, object? Value)[] parameters) =>
        await database.ExecuteAsync(sql, cancellationToken, parameters) == 1;

    private static NodeRow Map(NpgsqlDataReader row) => new(
        StoredJson.Read<NodeSnapshot>(row),
        row.GetInt64(1),
        row.GetInt64(2),
        row.GetTimeSpan(3),
        row.GetBoolean(4),
        row.GetBoolean(5),
        row.GetBoolean(6),
        (NodeCordon)row.GetInt32(7),
        row.GetTime(8),
        row.GetTimeSpan(9));
}
