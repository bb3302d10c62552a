using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using OrleansInstances.Instances;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Storage.Sqlite;

internal sealed class SqliteInstanceCatalog(SqliteDatabase database) : IInstanceCatalog
{
    private static readonly string NotDeleted = string.Create(
        CultureInfo.InvariantCulture, $"status <> {(int)InstanceStatus.Deleted}");

    private static readonly string FindSql = $"SELECT snapshot FROM instances WHERE id = @id AND {NotDeleted}";

    private readonly IdsByNumber idsByNumber = new((number, cancellationToken) => database.ReadAsync(
        session => session.First<Guid?>(
            "SELECT instance_id FROM instance_numbers WHERE number = @number", row => row.GetId(0), ("@number", number)),
        cancellationToken));

    public async Task<IReadOnlyList<InstanceSnapshot>> ListAsync(CatalogQuery query, CancellationToken cancellationToken)
    {
        var filter = new CatalogFilter(query);
        filter.Require("number > @after", "@after", query.After);
        var sql = $"SELECT snapshot FROM instances WHERE {NotDeleted}{filter.Conditions} ORDER BY number LIMIT @limit";
        filter.Bind("@limit", query.Limit ?? -1);
        return await database.ReadAsync(session => session.List(sql, ReadSnapshot, filter.Parameters), cancellationToken);
    }

    public Task<InstanceSnapshot?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        database.ReadAsync(session => session.First(FindSql, ReadSnapshot, ("@id", id.ToBlob())), cancellationToken);

    public ValueTask<Guid?> FindIdAsync(int number, CancellationToken cancellationToken) =>
        idsByNumber.FindAsync(number, cancellationToken);

    public async Task<IReadOnlyDictionary<InstanceStatus, int>> CountAsync(CatalogQuery query, CancellationToken cancellationToken)
    {
        var filter = new CatalogFilter(query);
        var sql = $"SELECT status, count(*) FROM instances WHERE {NotDeleted}{filter.Conditions} GROUP BY status";
        var counts = await database.ReadAsync(
            session => session.List(sql, row => ((InstanceStatus)row.GetInt32(0), row.GetInt32(1)), filter.Parameters),
            cancellationToken);
        return counts.ToDictionary();
    }

    private static InstanceSnapshot ReadSnapshot(SqliteDataReader row) =>
        JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(0), StorageJson.Default.InstanceSnapshot)!;
}
