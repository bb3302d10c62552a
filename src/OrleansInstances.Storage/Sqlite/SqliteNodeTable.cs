using System.Text.Json;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;
using OrleansInstances.Storage.Nodes;

namespace OrleansInstances.Storage.Sqlite;

internal sealed class SqliteNodeTable(SqliteDatabase database, TimeProvider time) : INodeTable
{
    private const string Upsert = """
        INSERT INTO nodes (name, node_id, seen_at, snapshot) VALUES (@name, @id, @now, @snapshot)
        ON CONFLICT (name) DO UPDATE SET node_id = excluded.node_id, seen_at = excluded.seen_at, snapshot = excluded.snapshot
        WHERE nodes.node_id = excluded.node_id OR nodes.seen_at <= @expired
        """;

    public Task<Refusal?> RegisterAsync(NodeSnapshot node, TimeSpan lease, CancellationToken cancellationToken)
    {
        var snapshot = JsonSerializer.SerializeToUtf8Bytes(node, StorageJson.Default.NodeSnapshot);
        return database.WriteAsync(
            session =>
            {
                var now = time.GetUtcNow();
                var stored = session.Execute(
                    Upsert,
                    ("@name", node.Name),
                    ("@id", node.NodeId.ToBlob()),
                    ("@now", now.ToUnixTimeMilliseconds()),
                    ("@expired", (now - lease).ToUnixTimeMilliseconds()),
                    ("@snapshot", snapshot));
                return stored == 1 ? null : NodeNames.Taken(node.Name, lease);
            },
            cancellationToken);
    }

    public async Task<IReadOnlyList<NodeRow>> ListAsync(CancellationToken cancellationToken)
    {
        const string Sql = "SELECT snapshot, seen_at FROM nodes ORDER BY name";
        var now = time.GetUtcNow();
        return await database.ReadAsync(
            session => session.List(
                Sql,
                row => new NodeRow(
                    JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(0), StorageJson.Default.NodeSnapshot)!,
                    row.GetTime(1),
                    now - row.GetTime(1))),
            cancellationToken);
    }
}
