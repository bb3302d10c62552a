using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orleans.Storage;
using OrleansInstances.Storage.Postgres;
using OrleansInstances.Storage.Tests.Contracts;

namespace OrleansInstances.Storage.Tests.Postgres;

/// <summary>The silo's database, emptied for a test, with parts of the test's own: they remember things.</summary>
internal sealed class PostgresTestStore : ITestStore
{
    private readonly string connectionString;
    private readonly ServiceProvider services;

    private PostgresTestStore(PostgresSilo silo)
    {
        connectionString = silo.ConnectionString;
        GrainStorage = silo.GrainStorage;
        services = new ServiceCollection()
            .AddLogging()
            .AddPostgresStorage(options => options.ConnectionString = connectionString)
            .BuildServiceProvider();
    }

    public IGrainStorage GrainStorage { get; }

    public static async Task<ITestStore> OpenAsync(PostgresSilo silo)
    {
        var store = new PostgresTestStore(silo);
        await store.RunAsync(
            "TRUNCATE grain_state, instances, instance_labels, instance_numbers, instance_events, nodes, api_keys, users, user_permissions, idempotency_keys, unpublished, chute_miners, chutes, chute_gpus, chute_jobs, launch_configs, chute_instances, chute_instance_gpus, chute_endings, chute_audit RESTART IDENTITY");
        return store;
    }

    public T Part<T>()
        where T : notnull => services.GetRequiredService<T>();

    public async Task RunAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await connection.ExecuteAsync(sql);
    }

    public async Task<IReadOnlyList<string>> QueryAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        return await connection.ListAsync(sql, row => Convert.ToString(row.GetValue(0), CultureInfo.InvariantCulture)!);
    }

    public Task PassTimeAsync(TimeSpan time)
    {
        var interval = string.Create(CultureInfo.InvariantCulture, $"interval '{time.TotalSeconds} s'");
        return RunAsync(
            $"UPDATE nodes SET seen_at = seen_at - {interval}; UPDATE idempotency_keys SET reserved_at = reserved_at - {interval}");
    }

    public ValueTask DisposeAsync() => services.DisposeAsync();
}
