using System.Text.Json;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;
using OrleansInstances.Storage.Nodes;

namespace OrleansInstances.Storage.Postgres;

/// <summary>Times are the server's alone: it writes them, and it compares them.</summary>
internal sealed class PostgresNodeTable(PostgresDatabase database) : INodeTable
{
    private const string Upsert = """
        INSERT INTO nodes (name, node_id, seen_at, snapshot) VALUES (@name, @id, now(), @snapshot)
        ON CONFLICT (name) DO UPDATE SET node_id = excluded.node_id, seen_at = excluded.seen_at, snapshot = excluded.snapshot
        WHERE nodes.node_id = excluded.node_id OR nodes.seen_at <= now() - @lease
        """;

    public async Task<Refusal?> RegisterAsync(NodeSnapshot node, TimeSpan lease, CancellationToken cancellationToken)
    {
        var stored = await database.ExecuteAsync(
            Upsert,
            cancellationToken,
            ("name", node.Name),
            ("id", node.NodeId),
            ("lease", lease),
            ("snapshot", JsonSerializer.SerializeToUtf8Bytes(node, StorageJson.Default.NodeSnapshot)));
        return stored == 1 ? null : NodeNames.Taken(node.Name, lease);
    }

    public async Task<IReadOnlyList<NodeRow>> ListAsync(CancellationToken cancellationToken) => await database.ListAsync(
        "SELECT snapshot, seen_at, now() - seen_at FROM nodes ORDER BY name",
        row => new NodeRow(
            JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(0), StorageJson.Default.NodeSnapshot)!,
            row.GetTime(1),
            row.GetTimeSpan(2)),
        cancellationToken);
}
