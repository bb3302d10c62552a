using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OrleansInstances.Grains.Instances;
using OrleansInstances.Storage.Instances;
using OrleansInstances.Storage.Nodes;
using OrleansInstances.Storage.Postgres;
using OrleansInstances.Testing;

namespace OrleansInstances.Storage.Tests.Postgres;

/// <summary>A server that goes away, comes back, or answers no: every fault says whether anything was done, and passes when its cause does.</summary>
public sealed class PostgresFaultTests : IAsyncLifetime
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    private readonly PostgresSilo silo = new();
    private PostgresServer server = null!;
    private string connectionString = "";

    private IInstanceCatalog Catalog => silo.Services.GetRequiredService<IInstanceCatalog>();

    public async Task InitializeAsync()
    {
        server = await PostgresServer.StartNewAsync();
        connectionString = await server.CreateDatabaseAsync();
    }

    public async Task DisposeAsync()
    {
        await silo.DisposeAsync();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task A_server_that_is_away_at_the_start_is_named_without_the_password()
    {
        await server.StopAsync(immediate: false);

        var error = Assert.Throws<StorageUnavailableException>(() => Open(connectionString));

        AssertNames(error);
    }

    [Theory]
    [InlineData("Password", "wrong", "refuses the user or its password")]
    [InlineData("Database", "nowhere", "does not exist")]
    public void A_refusal_at_the_start_says_why(string key, string value, string reason)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { [key] = value };

        var error = Assert.Throws<StorageUnavailableException>(() => Open(settings.ConnectionString));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_that_ends_fails_calls_at_once_and_all_goes_on_when_it_is_back(bool immediate)
    {
        await silo.StartAsync(connectionString);
        var held = await StoreAsync(Samples.Snapshot(1));
        await server.StopAsync(immediate);

        var since = Stopwatch.GetTimestamp();
        AssertNames(await Assert.ThrowsAsync<StorageUnavailableException>(() => Catalog.ListAsync(new(), default)));
        AssertNames(await Assert.ThrowsAsync<StorageUnavailableException>(() => WriteAsync(held)));
        AssertNames(await Assert.ThrowsAsync<StorageUnavailableException>(
            () => silo.GrainStorage.ReadStateAsync(Samples.StateName, Samples.Grain("a"), new Held<PlainState>())));
        await Assert.ThrowsAsync<StorageOutcomeUnknownException>(() => PublishAsync(held));
        Assert.InRange(Stopwatch.GetElapsedTime(since), TimeSpan.Zero, Soon);

        await server.StartAsync();
        await WriteAsync(held);
        await PublishAsync(held);
        Assert.Single(await Catalog.ListAsync(new(), default));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Idle_connections_that_died_together_fail_one_call_and_not_each_one(bool immediate)
    {
        await silo.StartAsync(connectionString);
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Catalog.ListAsync(new(), default)));
        await server.StopAsync(immediate);
        await server.StartAsync();

        await Assert.ThrowsAsync<StorageUnavailableException>(() => Catalog.ListAsync(new(), default));

        for (var i = 0; i < 16; i++)
        {
            await Catalog.ListAsync(new(), default);
        }
    }

    [Fact]
    public async Task A_write_whose_connection_breaks_on_the_way_has_an_unknown_outcome()
    {
        await silo.StartAsync(connectionString);
        var held = await StoreAsync(Samples.Snapshot(1));
        await using var other = await LockAsync();
        var write = WriteAsync(held);
        await WaitingAsync(1);

        await server.StopAsync(immediate: true);

        await Assert.ThrowsAsync<StorageOutcomeUnknownException>(() => write.WaitAsync(Soon));
    }

    [Fact]
    public async Task A_write_that_is_not_answered_in_time_has_an_unknown_outcome()
    {
        await silo.StartAsync(With("Command Timeout", "1"));
        var held = await StoreAsync(Samples.Snapshot(1));
        await using var other = await LockAsync();

        await Assert.ThrowsAsync<StorageOutcomeUnknownException>(() => WriteAsync(held).WaitAsync(Soon));
    }

    [Theory]
    [InlineData("statement_timeout=500", "statement_timeout")]
    [InlineData("lock_timeout=500", "lock_timeout")]
    public async Task A_write_that_the_server_gives_up_is_not_done(string setting, string reason)
    {
        await silo.StartAsync(With("Options", $"-c {setting}"));
        var held = await StoreAsync(Samples.Snapshot(1));
        await using var other = await LockAsync();

        var error = await Assert.ThrowsAsync<StorageUnavailableException>(() => WriteAsync(held).WaitAsync(Soon));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_read_only_database_refuses_writes_and_answers_reads()
    {
        await silo.StartAsync(connectionString);
        var held = await StoreAsync(Samples.Snapshot(1));
        await RunAsync("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$");
        await RunAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'orleans-instances'");
        await Assert.ThrowsAsync<StorageUnavailableException>(() => Catalog.ListAsync(new(), default));

        var error = await Assert.ThrowsAsync<StorageUnavailableException>(() => WriteAsync(held));

        Assert.Contains("read only", error.Message, StringComparison.Ordinal);
        Assert.Single(await Catalog.ListAsync(new(), default));
    }

    [Fact]
    public async Task When_all_connections_are_busy_nothing_is_done_and_it_passes()
    {
        await silo.StartAsync(With(("Maximum Pool Size", "1"), ("Timeout", "1")));
        var held = await StoreAsync(Samples.Snapshot(1));
        Task write;
        await using (await LockAsync())
        {
            write = WriteAsync(held);
            await WaitingAsync(1);

            await Assert.ThrowsAsync<StorageOverloadedException>(() => Catalog.ListAsync(new(), default));
            await Assert.ThrowsAsync<StorageOverloadedException>(
                () => silo.GrainStorage.WriteStateAsync("state", Samples.Grain("a"), new Held<PlainState>()));
        }

        await write.WaitAsync(Soon);
        await silo.GrainStorage.WriteStateAsync("state", Samples.Grain("a"), new Held<PlainState>());
    }

    [Fact]
    public async Task A_bug_in_a_call_stays_what_it_is()
    {
        await silo.StartAsync(connectionString);

        await Assert.ThrowsAsync<PostgresException>(() => silo.Services.GetRequiredService<INodeTable>().JoinAsync(
            new("a\0", Guid.NewGuid(), ["*"], [], 1, Samples.Noon), TimeSpan.FromSeconds(30), default));
    }

    private static void Open(string connectionString)
    {
        using var services = new ServiceCollection()
            .AddLogging()
            .AddPostgresStorage(options => options.ConnectionString = connectionString)
            .BuildServiceProvider();
        services.GetRequiredService<INodeTable>();
    }

    private void AssertNames(StorageUnavailableException error)
    {
        Assert.Contains($"127.0.0.1:{server.Port}/test_1", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(new NpgsqlConnectionStringBuilder(connectionString).Password!, error.ToString(), StringComparison.Ordinal);
    }

    private string With(string key, string value) => With((key, value));

    private string With(params (string Key, string Value)[] settings)
    {
        var text = new NpgsqlConnectionStringBuilder(connectionString);
        foreach (var (key, value) in settings)
        {
            text[key] = value;
        }

        return text.ConnectionString;
    }

    private async Task<Held<TestState>> StoreAsync(OrleansInstances.Instances.InstanceSnapshot snapshot)
    {
        var held = new Held<TestState> { State = { Snapshot = snapshot } };
        await WriteAsync(held);
        await PublishAsync(held);
        return held;
    }

    private Task WriteAsync(Held<TestState> held) =>
        silo.GrainStorage.WriteStateAsync(Samples.StateName, Samples.Grain(held.State.Snapshot!.Id), held);

    private Task PublishAsync(Held<TestState> held) =>
        silo.Services.GetRequiredService<IInstanceCatalogWriter>().PublishAsync(held.State);

    private async Task<NpgsqlConnection> ConnectAsync()
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    private async Task RunAsync(string sql)
    {
        await using var connection = await ConnectAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Someone who holds all states until it is disposed.</summary>
    private async Task<NpgsqlConnection> LockAsync()
    {
        var connection = await ConnectAsync();
        await using var command = new NpgsqlCommand("BEGIN; LOCK TABLE grain_state IN EXCLUSIVE MODE", connection);
        await command.ExecuteNonQueryAsync();
        return connection;
    }

    /// <summary>Waits until so many commands wait for a lock.</summary>
    private async Task WaitingAsync(int commands)
    {
        await using var connection = await ConnectAsync();
        await using var count = new NpgsqlCommand("SELECT count(*) FROM pg_locks WHERE NOT granted", connection);
        var since = Stopwatch.GetTimestamp();
        while ((long)(await count.ExecuteScalarAsync())! < commands)
        {
            Assert.True(Stopwatch.GetElapsedTime(since) < Soon, $"Waited {Soon} for {commands} commands that wait for a lock.");
            await Task.Delay(10);
        }
    }
}
