using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using OrleansInstances.Storage.Postgres;
using OrleansInstances.Testing;

namespace OrleansInstances.Storage.Tests.Postgres;

public sealed class PostgresMigratorTests : IAsyncLifetime
{
    private static readonly int[] AllVersions = [.. SqlScript.All("Postgres").Select(script => script.Version)];

    private string connectionString = "";

    public async Task InitializeAsync() => connectionString = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public void Scripts_are_numbered_from_one_without_gaps() => Assert.Equal(Enumerable.Range(1, AllVersions.Length), AllVersions);

    [Fact]
    public async Task Many_that_start_together_apply_each_script_once()
    {
        var databases = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(Open)));

        Assert.Equal(AllVersions, await VersionsAsync(databases[0]));
        foreach (var database in databases)
        {
            await database.DisposeAsync();
        }
    }

    [Fact]
    public async Task Tables_of_a_newer_release_are_refused_by_name_and_left_alone()
    {
        await Open().DisposeAsync();
        Run("INSERT INTO schema_version VALUES (999, 'from_the_future', now()); DROP TABLE users CASCADE");

        var error = Assert.Throws<StorageUnavailableException>(Open);

        Assert.Contains("999", error.Message, StringComparison.Ordinal);
        Assert.Contains("/test_", error.Message, StringComparison.Ordinal);
        Assert.Equal(0L, Run("SELECT count(*) FROM pg_tables WHERE tablename = 'users'"));
    }

    [Fact]
    public void A_script_that_fails_leaves_the_version_before_it()
    {
        SqlScript[] scripts = [new(1, "good", "CREATE TABLE a (x integer)"), new(2, "bad", "CREATE TABLE b (x integer); SELECT nonsense")];

        Assert.ThrowsAny<PostgresException>(() => Migrate(scripts));

        Assert.Equal(0L, Run("SELECT count(*) FROM pg_tables WHERE tablename IN ('a', 'b', 'schema_version')"));
        Migrate(scripts[..1]);
        Assert.Equal(1, Run("SELECT max(version) FROM schema_version"));
    }

    [Fact]
    public async Task Rows_of_before_are_found_by_what_later_scripts_filter_by()
    {
        Migrate([.. RowsOfBefore.Scripts("Postgres")]);
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var insert = source.CreateCommand(
            """
            WITH state AS (
                INSERT INTO grain_state (service_id, state_name, n0, n1, version, instance_id, snapshot_version, payload)
                VALUES ('test', 'instance/instance', 0, 1, 1, @id, 1, '{}')
            ), happened AS (
                INSERT INTO instance_events VALUES
                    (@id, 1, 'created', now(), 0, '', '{"owner":"alice"}'), (@id, 2, 'starting', now(), 1, '', '{}')
            )
            INSERT INTO instances (number, id, version, status, busy, driver, owner, snapshot)
            VALUES (1, @id, 1, @status, false, 'process', 'alice', @snapshot)
            """);
        insert.Parameters.AddWithValue("id", RowsOfBefore.Instance.Id);
        insert.Parameters.AddWithValue("status", (int)RowsOfBefore.Instance.Status);
        insert.Parameters.AddWithValue("snapshot", RowsOfBefore.Json);
        await insert.ExecuteNonQueryAsync();

        await using var database = Open();

        await RowsOfBefore.CheckAsync(new PostgresInstanceCatalog(database), new PostgresInstanceEvents(database));
    }

    [Fact]
    public async Task A_gpu_of_before_has_its_miner()
    {
        Migrate(RowsOfBefore.ScriptsBeforeMiners("Postgres"));
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var insert = source.CreateCommand("INSERT INTO chute_gpus (uuid, data) VALUES ('g1', @data)");
        insert.Parameters.AddWithValue("data", RowsOfBefore.Gpu);
        await insert.ExecuteNonQueryAsync();

        await using var database = Open();

        Assert.Equal("alïce", Run("SELECT miner_hotkey FROM chute_gpus"));
    }

    /// <summary>One goes on, one has an instance, and one neither.</summary>
    [Fact]
    public async Task A_config_of_before_that_is_over_has_an_end()
    {
        Migrate(RowsOfBefore.ScriptsBeforeEnds("Postgres"));
        Run(
            """
            INSERT INTO chutes VALUES ('c1', '');
            INSERT INTO chute_miners VALUES ('alice', '');
            INSERT INTO launch_configs (config_id, version, due_at, data) VALUES
                ('00000000-0000-0000-0000-000000000001', 1, now(), ''), ('00000000-0000-0000-0000-000000000002', 1, NULL, ''), ('00000000-0000-0000-0000-000000000003', 1, NULL, '');
            INSERT INTO chute_instances (instance_id, chute_id, config_id, host, port, miner_hotkey, miner_uid, version, serves, stages, created_at, data)
            VALUES ('00000000-0000-0000-0000-000000000004', 'c1', '00000000-0000-0000-0000-000000000002', 'h', 1, 'alice', 7, 'v1', true, 7, now(), '');
            """);

        await using var database = Open();

        Assert.Equal("00000000-0000-0000-0000-000000000003", Run("SELECT string_agg(config_id::text, ',') FROM launch_configs WHERE ended_at IS NOT NULL"));
    }

    private PostgresDatabase Open() => PostgresDatabase.Open(
        new PostgresStorageOptions { ConnectionString = connectionString }, NullLogger<PostgresDatabase>.Instance);

    private static async Task<IEnumerable<int>> VersionsAsync(PostgresDatabase database) =>
        await database.ListAsync("SELECT version FROM schema_version ORDER BY version", row => row.GetInt32(0), default);

    private void Migrate(SqlScript[] scripts)
    {
        using var connection = new NpgsqlConnection(connectionString);
        connection.Open();
        PostgresMigrator.Migrate(connection, scripts, TimeSpan.FromSeconds(30), "test");
    }

    private object? Run(string sql)
    {
        using var connection = new NpgsqlConnection(connectionString);
        connection.Open();
        using var command = new NpgsqlCommand(sql, connection);
        return command.ExecuteScalar();
    }
}
