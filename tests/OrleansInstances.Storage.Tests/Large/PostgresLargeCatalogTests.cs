using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using OrleansInstances.Instances;
using OrleansInstances.Storage.Instances;
using OrleansInstances.Storage.Postgres;
using OrleansInstances.Testing;

namespace OrleansInstances.Storage.Tests.Large;

/// <summary>What is done for a page or a sweep of a large catalog, in rows that PostgreSQL looks at.</summary>
public sealed class PostgresLargeCatalogTests(PostgresLargeCatalogTests.Filled filled) : IClassFixture<PostgresLargeCatalogTests.Filled>
{
    private const int FewRows = 5000;

    [Fact]
    public async Task A_page_looks_at_few_rows() => await Assert.AllAsync(LargeCatalog.Pages, async page =>
    {
        var filter = new PostgresCatalogFilter(page.Query);
        var sql = filter.ListSql(page.Query.Limit);
        await AssertFewAsync(page.Name, sql, filter.Parameters);
    });

    [Fact]
    public async Task What_is_at_rest_is_not_looked_at_by_a_sweep()
    {
        var query = new UnfinishedQuery([InstanceStatus.Pending, InstanceStatus.Backoff, InstanceStatus.Deleted], Samples.Noon, 1000);

        await AssertFewAsync("unfinished", PostgresUnfinishedInstances.FindSql, PostgresUnfinishedInstances.Parameters(query));
        await AssertFewAsync(
            "on nodes", PostgresUnfinishedInstances.FindOnNodesSql, ("nodes", (string[])["n1", "n2"]), ("after", Guid.Empty), ("limit", 1000));
        await AssertFewAsync("compare", PostgresUnfinishedInstances.CompareSql, ("after", Guid.Empty), ("states", 1000));
    }

    private async Task AssertFewAsync(string what, string sql, params (string Name, object? Value)[] parameters)
    {
        await using var connection = await filled.Database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var set = new NpgsqlCommand(PostgresDatabase.PlanForPage, connection);
        await set.ExecuteNonQueryAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Bind(parameters);
        await command.PrepareAsync();
        var before = await LookedAtAsync();
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                _ = reader.GetValue(0);
            }
        }

        var rows = await LookedAtAsync() - before;
        Assert.True(rows < FewRows, $"{what}: {rows} rows");

        async Task<long> LookedAtAsync()
        {
            await using var count = new NpgsqlCommand(
                "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint FROM pg_stat_xact_user_tables", connection);
            return (long)(await count.ExecuteScalarAsync())!;
        }
    }

    public sealed class Filled : IAsyncLifetime
    {
        public NpgsqlDataSource Database { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            var connectionString = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
            await PostgresDatabase.Open(
                new PostgresStorageOptions { ConnectionString = connectionString }, NullLogger<PostgresDatabase>.Instance).DisposeAsync();
            Database = NpgsqlDataSource.Create(connectionString);
            await using var fill = Database.CreateCommand(LargeCatalog.Postgres);
            fill.CommandTimeout = 600;
            await fill.ExecuteNonQueryAsync();
        }

        public async Task DisposeAsync() => await Database.DisposeAsync();
    }
}
