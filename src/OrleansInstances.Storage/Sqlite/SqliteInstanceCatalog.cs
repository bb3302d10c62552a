using OrleansInstances.Instances;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Storage.Sqlite;

internal sealed class SqliteInstanceCatalog(SqliteDatabase database) : IInstanceCatalog
{
    private static readonly string FindSql = $"SELECT snapshot FROM instances WHERE id = @id AND {CatalogConditions.NotDeleted}";

    private readonly IdsByNumber idsByNumber = new((number, cancellationToken) => database.ReadAsync(
        session => session.First<Guid?>(
            "SELECT instance_id FROM instance_numbers WHERE number = @number", row => row.GetId(0), ("@number", number)),
        cancellationToken));

    public async Task<IReadOnlyList<InstanceSnapshot>> ListAsync(CatalogQuery query, CancellationToken cancellationToken)
    {
        var filter = new CatalogFilter(query);
        var sql = filter.ListSql(query.Limit ?? -1);
        return await database.ReadAsync(session => session.List(sql, StoredJson.Read<InstanceSnapshot>, filter.Parameters), cancellationToken);
    }

    public async Task<InstancePage> PageAsync(CatalogQuery query, PageRequest page, CancellationToken cancellationToken)
    {
        var filter = new CatalogFilter(query);
        var sql = filter.PageSql(page);
        var rows = await database.ReadAsync(
            session => session.List(sql, row => (Total: row.GetInt32(0), Snapshot: row.IsDBNull(1) ? null : StoredJson.Read<InstanceSnapshot>(row, 1)), filter.Parameters),
            cancellationToken);
        return new([.. rows.Select(row => row.Snapshot).OfType<InstanceSnapshot>()], rows[0].Total);
    }

    public Task<InstanceSnapshot?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        database.ReadAsync(session => session.First(FindSql, StoredJson.Read<InstanceSnapshot>, ("@id", id.ToBlob())), cancellationToken);

    public ValueTask<Guid?> FindIdAsync(int number, CancellationToken cancellationToken) =>
        idsByNumber.FindAsync(number, cancellationToken);

    public async Task<IReadOnlyDictionary<InstanceStatus, int>> CountAsync(CatalogQuery query, CancellationToken cancellationToken)
    {
        var filter = new CatalogFilter(query);
        var sql = filter.CountSql();
        var counts = await database.ReadAsync(
            session => session.List(sql, row => ((InstanceStatus)row.GetInt32(0), row.GetInt32(1)), filter.Parameters),
            cancellationToken);
        return counts.ToDictionary();
    }
}
