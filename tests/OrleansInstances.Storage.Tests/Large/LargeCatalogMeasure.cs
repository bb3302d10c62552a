using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OrleansInstances.Instances;
using OrleansInstances.Storage.Instances;
using OrleansInstances.Storage.Postgres;
using OrleansInstances.Storage.Sqlite;
using OrleansInstances.Testing;

namespace OrleansInstances.Storage.Tests.Large;

/// <summary>How long a page and a sweep of a large catalog take, through the parts that callers get.</summary>
internal static class LargeCatalogMeasure
{
    public static async Task RunAsync()
    {
        await using var folder = new StorageFolder();
        await using (var sqlite = new ServiceCollection().AddLogging().AddSqliteStorage(options => options.DataFolder = folder.Path).BuildServiceProvider())
        {
            sqlite.GetRequiredService<IInstanceCatalog>();
            folder.Run(LargeCatalog.Sqlite);
            await MeasureAsync("SQLite", sqlite);
        }

        await using var server = await PostgresServer.StartNewAsync(flushes: true);
        var connectionString = await server.CreateDatabaseAsync();
        await using (var postgres = new ServiceCollection().AddLogging().AddPostgresStorage(options => options.ConnectionString = connectionString).BuildServiceProvider())
        {
            postgres.GetRequiredService<IInstanceCatalog>();
            await using var database = NpgsqlDataSource.Create(connectionString);
            await using var fill = database.CreateCommand(LargeCatalog.Postgres);
            fill.CommandTimeout = 600;
            await fill.ExecuteNonQueryAsync();
            await MeasureAsync("PostgreSQL", postgres);
        }
    }

    private static async Task MeasureAsync(string database, IServiceProvider services)
    {
        var catalog = services.GetRequiredService<IInstanceCatalog>();
        var unfinished = services.GetRequiredService<IUnfinishedInstances>();
        var query = new UnfinishedQuery([InstanceStatus.Pending, InstanceStatus.Backoff, InstanceStatus.Deleted], Samples.Noon, 1000);
        foreach (var (name, page) in LargeCatalog.Pages)
        {
            await Measure.RepeatAsync($"{database}, 100 of {LargeCatalog.Instances}: {name}", () => catalog.ListAsync(page, default));
        }

        await Measure.RepeatAsync($"{database}: count {LargeCatalog.Instances}", () => catalog.CountAsync(new CatalogQuery(), default));
        await Measure.RepeatAsync($"{database}: sweep {LargeCatalog.Instances}, none unfinished", () => unfinished.FindAsync(query, default));
        await Measure.RepeatAsync($"{database}: those on two nodes, none running", () => unfinished.FindOnNodesAsync(["n1", "n2"], 1000, null, default));
        await Measure.RepeatAsync($"{database}: compare 1000", () => unfinished.CompareAsync(null, 1000, default));
    }
}
