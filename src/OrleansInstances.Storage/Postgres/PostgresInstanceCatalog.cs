using OrleansInstances.Instances;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Storage.Postgres;

internal sealed class PostgresInstanceCatalog(PostgresDatabase database) : IInstanceCatalog
{
    private static readonly string FindSql = $"SELECT snapshot FROM instances WHERE id = @id AND {CatalogConditions.NotDeleted}";

    private readonly IdsByNumber idsByNumber = new((number, cancellationToken) => database.FirstAsync<Guid?>(
        "SELECT instance_id FROM instance_numbers WHERE number = @number", row => row.GetGuid(0), cancellationToken, ("number", number)));

    public async Task<IReadOnlyList<InstanceSnapshot>> ListAsync(CatalogQuery query, CancellationToken cancellationToken)
    {
        var filter = new PostgresCatalogFilter(query);
        var sql = filter.ListSql(query.Limit);
        return await database.ListPageAsync(sql, StoredJson.Read<InstanceSnapshot>, cancellationToken, filter.Parameters);
    }

    public async Task<InstancePage> PageAsync(CatalogQuery query, PageRequest page, CancellationToken cancellationToken)
    {
        var filter = new PostgresCatalogFilter(query);
        var sql = filter.PageSql(page);
        var rows = await database.ListAsync(
            sql, row => (Total: row.GetInt64(0), Snapshot: row.IsDBNull(1) ? null : StoredJson.Read<InstanceSnapshot>(row, 1)), cancellationToken, filter.Parameters);
        return new([.. rows.Select(row => row.Snapshot).OfType<InstanceSnapshot>()], (int)rows[0].Total);
    }

    public Task<InstanceSnapshot?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        database.FirstAsync(FindSql, StoredJson.Read<InstanceSnapshot>, cancellationToken, ("id", id));

    public ValueTask<Guid?> FindIdAsync(int number, CancellationToken cancellationToken) =>
        idsByNumber.FindAsync(number, cancellationToken);

    public async Task<IReadOnlyDictionary<InstanceStatus, int>> CountAsync(CatalogQuery query, CancellationToken cancellationToken)
    {
        var filter = new PostgresCatalogFilter(query);
        var sql = filter.CountSql();
        var counts = await database.ListAsync(
            sql,
            row => ((InstanceStatus)row.GetInt32(0), (int)row.GetInt64(1)),
            cancellationToken,
            filter.Parameters);
        return counts.ToDictionary();
    }
}
