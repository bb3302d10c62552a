using Microsoft.Data.Sqlite;
using OrleansInstances.Instances;
using OrleansInstances.Storage.Instances;
using OrleansInstances.Storage.Sqlite;
using SQLitePCL;

namespace OrleansInstances.Storage.Tests.Large;

/// <summary>What is done for a page or a sweep of a large catalog, in steps of SQLite's virtual machine: some five a row.</summary>
public sealed class SqliteLargeCatalogTests(SqliteLargeCatalogTests.Filled filled) : IClassFixture<SqliteLargeCatalogTests.Filled>
{
    private const int FewSteps = 100_000;

    [Fact]
    public void A_page_takes_few_steps()
    {
        Assert.All(LargeCatalog.Pages, page =>
        {
            var filter = new CatalogFilter(page.Query);
            var sql = filter.ListSql(page.Query.Limit);
            AssertFew(page.Name, sql, filter.Parameters);
        });
    }

    [Fact]
    public void What_is_at_rest_takes_no_steps_of_a_sweep()
    {
        var query = new UnfinishedQuery([InstanceStatus.Pending, InstanceStatus.Backoff, InstanceStatus.Deleted], Samples.Noon, 1000);

        AssertFew("unfinished", SqliteUnfinishedInstances.FindSql, SqliteUnfinishedInstances.Parameters(query));
        AssertFew("on nodes", SqliteUnfinishedInstances.FindOnNodesSql, ("@nodes", """["n1","n2"]"""), ("@after", Array.Empty<byte>()), ("@limit", 1000));
        AssertFew("compare", SqliteUnfinishedInstances.CompareSql, ("@after", Array.Empty<byte>()), ("@states", 1000));
    }

    private void AssertFew(string what, string sql, params (string Name, object? Value)[] parameters)
    {
        var steps = 0;
        using var command = filled.Connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }

        raw.sqlite3_progress_handler(filled.Connection.Handle, 100, _ => Interlocked.Add(ref steps, 100) < 0 ? 1 : 0, null);
        using (var reader = command.ExecuteReader())
        {
            while (reader.Read())
            {
            }
        }

        raw.sqlite3_progress_handler(filled.Connection.Handle, 0, null, null);
        Assert.True(steps < FewSteps, $"{what}: {steps} steps");
    }

    public sealed class Filled : IAsyncLifetime
    {
        private readonly StorageFolder _folder = new();

        public SqliteConnection Connection { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            await _folder.Open().DisposeAsync();
            _folder.Run(LargeCatalog.Sqlite);
            Connection = _folder.Connect();
        }

        public async Task DisposeAsync()
        {
            Connection.Dispose();
            await _folder.DisposeAsync();
        }
    }
}
