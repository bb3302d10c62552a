using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using OrleansInstances.Storage.Sqlite;
using OrleansInstances.Storage.Tests.Contracts;

namespace OrleansInstances.Storage.Tests.Sqlite;

internal sealed class SqliteTestStore : ITestStore
{
    private readonly StorageFolder folder = new();
    private readonly ServiceProvider services;

    private SqliteTestStore() => services = new ServiceCollection()
        .AddLogging()
        .AddSingleton<TimeProvider>(folder.Time)
        .AddSqliteStorage(options => options.DataFolder = folder.Path)
        .BuildServiceProvider();

    public IGrainStorage GrainStorage => services.GetRequiredService<SqliteDatabase>().GrainStorage();

    public static Task<ITestStore> OpenAsync() => Task.FromResult<ITestStore>(new SqliteTestStore());

    public T Part<T>()
        where T : notnull => services.GetRequiredService<T>();

    public Task RunAsync(string sql)
    {
        folder.Run(sql);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<string>> QueryAsync(string sql) =>
        Task.FromResult(folder.Query(sql, row => Convert.ToString(row.GetValue(0), CultureInfo.InvariantCulture)!));

    public Task PassTimeAsync(TimeSpan time)
    {
        folder.Time.Advance(time);
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        await folder.DisposeAsync();
    }
}
