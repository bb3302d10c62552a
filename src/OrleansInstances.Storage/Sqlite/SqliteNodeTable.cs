using Microsoft.Data.Sqlite;
using OrleansInstances.Nodes;
using OrleansInstances.Storage.Nodes;

namespace OrleansInstances.Storage.Sqlite;

internal sealed class SqliteNodeTable(SqliteDatabase database, TimeProvider time) : INodeTable
{
    private const string Select =
        "SELECT snapshot, incarnation, since, lease, revoked, fenced, removed, cordon, seen_at FROM nodes";

    private const string Join = """
        INSERT INTO nodes (name, node_id, incarnation, since, lease, seen_at, snapshot)
        SELECT @name, @id, next, next, @lease, @now, @snapshot
        FROM (SELECT coalesce(max(incarnation), 0) + 1 AS next FROM nodes) WHERE true
        ON CONFLICT (name) DO UPDATE SET
            node_id = excluded.node_id, incarnation = excluded.incarnation, lease = excluded.lease,
            since = CASE WHEN node_id = excluded.node_id THEN since ELSE excluded.since END,
            cordon = CASE WHEN node_id = excluded.node_id THEN cordon ELSE 0 END,
            revoked = 0, fenced = 0, removed = 0, seen_at = excluded.seen_at, snapshot = excluded.snapshot
        WHERE node_id = excluded.node_id OR fenced OR removed
        RETURNING incarnation
        """;

    public Task<NodeRow?> FindAsync(string name, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return database.ReadAsync(session => session.First($"{Select} WHERE name = @name", row => Map(row, now), ("@name", name)), cancellationToken);
    }

    public Task<long?> JoinAsync(NodeSnapshot node, TimeSpan lease, CancellationToken cancellationToken)
    {
        var snapshot = StoredJson.Write(node);
        return database.WriteAsync(
            session => (long?)session.Scalar(
                Join,
                ("@name", node.Name),
                ("@id", node.NodeId.ToBlob()),
                ("@lease", (long)lease.TotalMilliseconds),
                ("@now", time.GetUtcNow().ToUnixTimeMilliseconds()),
                ("@snapshot", snapshot)),
            cancellationToken);
    }

    public Task<bool> RenewAsync(NodeSnapshot node, long incarnation, CancellationToken cancellationToken)
    {
        var snapshot = StoredJson.Write(node);
        return ChangeAsync(
            "UPDATE nodes SET seen_at = @now, snapshot = @snapshot WHERE name = @name AND incarnation = @incarnation AND NOT revoked",
            cancellationToken,
            ("@now", time.GetUtcNow().ToUnixTimeMilliseconds()),
            ("@snapshot", snapshot),
            ("@name", node.Name),
            ("@incarnation", incarnation));
    }

    public Task<bool> RevokeAsync(string name, long incarnation, bool evenIfSeen, CancellationToken cancellationToken) => ChangeAsync(
        """
        UPDATE nodes SET revoked = 1 WHERE name = @name AND incarnation = @incarnation
            AND (revoked OR @evenIfSeen OR seen_at + lease <= @now)
        """,
        cancellationToken,
        ("@name", name),
        ("@incarnation", incarnation),
        ("@evenIfSeen", evenIfSeen),
        ("@now", time.GetUtcNow().ToUnixTimeMilliseconds()));

    public Task<bool> MarkFencedAsync(string name, long incarnation, CancellationToken cancellationToken) => ChangeAsync(
        "UPDATE nodes SET fenced = 1 WHERE name = @name AND incarnation = @incarnation AND revoked",
        cancellationToken,
        ("@name", name),
        ("@incarnation", incarnation));

    public Task<bool> RemoveAsync(string name, long incarnation, CancellationToken cancellationToken) => ChangeAsync(
        "UPDATE nodes SET removed = 1 WHERE name = @name AND incarnation = @incarnation AND fenced",
        cancellationToken,
        ("@name", name),
        ("@incarnation", incarnation));

    public Task<bool> SetCordonAsync(string name, NodeCordon cordon, CancellationToken cancellationToken) => ChangeAsync(
        "UPDATE nodes SET cordon = @cordon WHERE name = @name",
        cancellationToken,
        ("@cordon", (int)cordon),
        ("@name", name));

    public async Task<IReadOnlyList<NodeRow>> ListAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return await database.ReadAsync(session => session.List($"{Select} ORDER BY name", row => Map(row, now)), cancellationToken);
    }

    private Task<bool> ChangeAsync(string sql, CancellationToken cancellationToken, params (string Name, object? Value)[] parameters) =>
        database.WriteAsync(session => session.Execute(sql, parameters) == 1, cancellationToken);

    private static NodeRow Map(SqliteDataReader row, DateTimeOffset now) => new(
        StoredJson.Read<NodeSnapshot>(row),
        row.GetInt64(1),
        row.GetInt64(2),
        TimeSpan.FromMilliseconds(row.GetInt64(3)),
        row.GetBoolean(4),
        row.GetBoolean(5),
        row.GetBoolean(6),
        (NodeCordon)row.GetInt32(7),
        row.GetTime(8),
        now - row.GetTime(8));
}
