using System.Globalization;
using System.Text.Json;
using Npgsql;
using OrleansInstances.Instances;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Storage.Postgres;

internal sealed class PostgresInstanceCatalog(PostgresDatabase database) : IInstanceCatalog
{
    private static readonly string NotDeleted = string.Create(
        CultureInfo.InvariantCulture, $"status <> {(int)InstanceStatus.Deleted}");

    private static readonly string FindSql = $"SELECT snapshot FROM instances WHERE id = @id AND {NotDeleted}";

    private readonly IdsByNumber idsByNumber = new((number, cancellationToken) => database.FirstAsync<Guid?>(
        "SELECT instance_id FROM instance_numbers WHERE number = @number", row => row.GetGuid(0), cancellationToken, ("number", number)));

    public async Task<IReadOnlyList<InstanceSnapshot>> ListAsync(CatalogQuery query, CancellationToken cancellationToken)
    {
        var filter = new PostgresCatalogFilter(query);
        filter.Require("number > @after", "@after", query.After);
        filter.Bind("@limit", query.Limit);
        return await database.ListAsync(
            $"SELECT snapshot FROM instances WHERE {NotDeleted}{filter.Conditions} ORDER BY number LIMIT @limit",
            ReadSnapshot,
            cancellationToken,
            filter.Parameters);
    }

    public Task<InstanceSnapshot?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        database.FirstAsync(FindSql, ReadSnapshot, cancellationToken, ("id", id));

    public ValueTask<Guid?> FindIdAsync(int number, CancellationToken cancellationToken) =>
        idsByNumber.FindAsync(number, cancellationToken);

    public async Task<IReadOnlyDictionary<InstanceStatus, int>> CountAsync(CatalogQuery query, CancellationToken cancellationToken)
    {
        var filter = new PostgresCatalogFilter(query);
        var counts = await database.ListAsync(
            $"SELECT status, count(*)::integer FROM instances WHERE {NotDeleted}{filter.Conditions} GROUP BY status",
            row => ((InstanceStatus)row.GetInt32(0), row.GetInt32(1)),
            cancellationToken,
            filter.Parameters);
        return counts.ToDictionary();
    }

    private static InstanceSnapshot ReadSnapshot(NpgsqlDataReader row) =>
        JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(0), StorageJson.Default.InstanceSnapshot)!;
}
