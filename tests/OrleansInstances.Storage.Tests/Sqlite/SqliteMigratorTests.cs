using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using OrleansInstances.Storage.Sqlite;

namespace OrleansInstances.Storage.Tests.Sqlite;

public sealed class SqliteMigratorTests
{
    private const string Versions = "SELECT version FROM schema_version ORDER BY version";

    private static readonly long[] AllVersions = [.. SqlScript.All("Sqlite").Select(script => (long)script.Version)];

    [Fact]
    public void Scripts_are_numbered_from_one_without_gaps() =>
        Assert.Equal(Enumerable.Range(1, AllVersions.Length).Select(version => (long)version), AllVersions);

    [Fact]
    public async Task Many_that_start_together_apply_each_script_once()
    {
        await using var folder = new StorageFolder();

        var databases = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Open(folder.Path))));

        foreach (var database in databases)
        {
            await database.DisposeAsync();
        }

        Assert.Equal(AllVersions, folder.Query(Versions, row => row.GetInt64(0)));
    }

    [Fact]
    public async Task Two_processes_that_start_together_apply_each_script_once()
    {
        const int Databases = 10;
        await using var folder = new StorageFolder();
        var times = Databases.ToString(CultureInfo.InvariantCulture);

        await using var first = ChildProcess.Start("open", folder.Path, times);
        await using var second = ChildProcess.Start("open", folder.Path, times);

        Assert.Equal(0, await first.WaitForExitAsync());
        Assert.Equal(0, await second.WaitForExitAsync());
        for (var i = 1; i <= Databases; i++)
        {
            await using var database = Open(Path.Combine(folder.Path, i.ToString(CultureInfo.InvariantCulture)));
            Assert.Equal(AllVersions, await database.ReadAsync(session => session.List(Versions, row => row.GetInt64(0))));
        }
    }

    [Fact]
    public async Task Tables_of_a_newer_release_are_refused_by_name_and_left_alone()
    {
        await using var folder = new StorageFolder();
        await folder.Open().DisposeAsync();
        folder.Run("INSERT INTO schema_version VALUES (999, 'from_the_future', 0)");

        var error = Assert.Throws<StorageUnavailableException>(() => folder.Open());

        Assert.Contains(folder.File, error.Message, StringComparison.Ordinal);
        Assert.Contains("999", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_script_that_fails_leaves_the_version_before_it()
    {
        await using var folder = new StorageFolder();
        var file = new SqliteFile(new SqliteStorageOptions { DataFolder = folder.Path });
        using var session = file.Create();
        SqlScript[] scripts = [new(1, "good", "CREATE TABLE a (x)"), new(2, "bad", "CREATE TABLE b (x); SELECT nonsense")];

        Assert.ThrowsAny<Exception>(() => SqliteMigrator.Migrate(session, scripts, new FakeTimeProvider()));

        Assert.Equal(0L, session.Scalar("SELECT count(*) FROM sqlite_master WHERE name IN ('a', 'b', 'schema_version')"));
        SqliteMigrator.Migrate(session, scripts[..1], new FakeTimeProvider());
        Assert.Equal(1L, session.Scalar("SELECT max(version) FROM schema_version"));
    }

    [Fact]
    public async Task Rows_of_before_are_found_by_what_later_scripts_filter_by()
    {
        await using var folder = new StorageFolder();
        using (var session = new SqliteFile(new SqliteStorageOptions { DataFolder = folder.Path }).Create())
        {
            SqliteMigrator.Migrate(session, RowsOfBefore.Scripts("Sqlite"), new FakeTimeProvider());
            var id = RowsOfBefore.Instance.Id.ToBlob();
            session.Execute(
                "INSERT INTO instances (number, id, version, status, busy, driver, owner, snapshot) VALUES (1, @id, 1, @status, 0, 'process', 'alice', @snapshot)",
                ("@id", id),
                ("@status", (int)RowsOfBefore.Instance.Status),
                ("@snapshot", RowsOfBefore.Json));
            session.Execute(
                """INSERT INTO instance_events VALUES (@id, 1, 'created', 0, 0, '', '{"owner":"alice"}'), (@id, 2, 'starting', 1, 1, '', '{}')""",
                ("@id", id));
        }

        var database = folder.Open();

        await RowsOfBefore.CheckAsync(new SqliteInstanceCatalog(database), new SqliteInstanceEvents(database));
    }

    [Fact]
    public async Task A_gpu_of_before_has_its_miner()
    {
        await using var folder = new StorageFolder();
        using (var session = new SqliteFile(new SqliteStorageOptions { DataFolder = folder.Path }).Create())
        {
            SqliteMigrator.Migrate(session, RowsOfBefore.ScriptsBeforeMiners("Sqlite"), new FakeTimeProvider());
            session.Execute("INSERT INTO chute_gpus (uuid, data) VALUES ('g1', @data)", ("@data", RowsOfBefore.Gpu));
        }

        Assert.Equal("alïce", await folder.Open().ReadAsync(session => (string?)session.Scalar("SELECT miner_hotkey FROM chute_gpus")));
    }

    /// <summary>One goes on, one has an instance, and one neither.</summary>
    [Fact]
    public async Task A_config_of_before_that_is_over_has_an_end()
    {
        await using var folder = new StorageFolder();
        using (var session = new SqliteFile(new SqliteStorageOptions { DataFolder = folder.Path }).Create())
        {
            SqliteMigrator.Migrate(session, RowsOfBefore.ScriptsBeforeEnds("Sqlite"), new FakeTimeProvider());
            session.Execute("INSERT INTO launch_configs (config_id, version, due_at, data) VALUES (x'01', 1, 5, x''), (x'02', 1, NULL, x''), (x'03', 1, NULL, x'')");
            session.Execute(
                """
                INSERT INTO chute_instances (instance_id, chute_id, config_id, host, port, miner_hotkey, miner_uid, version, serves, stages, created_at, data)
                VALUES (x'04', 'c1', x'02', 'h', 1, 'alice', 7, 'v1', 1, 7, 0, x'')
                """);
        }

        Assert.Equal("03", await folder.Open().ReadAsync(session => (string?)session.Scalar("SELECT group_concat(hex(config_id)) FROM launch_configs WHERE ended_at IS NOT NULL")));
    }

    private static SqliteDatabase Open(string folder) => SqliteDatabase.Open(
        new SqliteStorageOptions { DataFolder = folder },
        TimeProvider.System,
        Microsoft.Extensions.Logging.Abstractions.NullLogger<SqliteDatabase>.Instance);
}
