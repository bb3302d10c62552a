using System.Diagnostics;
using Npgsql;
using OrleansInstances.Nodes;
using OrleansInstances.Storage.Instances;
using OrleansInstances.Storage.Nodes;
using OrleansInstances.Storage.Tests.Contracts;

namespace OrleansInstances.Storage.Tests.Postgres;

/// <summary>Transactions that overlap: the tables' keys and locks decide, whoever comes first.</summary>
[Collection(PostgresCollection.Name)]
public sealed class PostgresRaceTests(PostgresSilo silo) : StoreTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    private const string FirstWrite = """
        INSERT INTO grain_state (service_id, state_name, n0, n1, extension, version, payload)
        VALUES ('s', 'type/state', @n0, 7, @extension, 1, '') ON CONFLICT DO NOTHING RETURNING version
        """;

    [Theory]
    [InlineData(5, null)]
    [InlineData(0, null)]
    [InlineData(0, "a key of text")]
    [InlineData(5, "extension")]
    public async Task Of_two_first_writes_in_open_transactions_one_wins_and_the_other_is_told(long n0, string? extension)
    {
        await using var first = await BeginAsync();
        await using var second = await BeginAsync();
        Assert.NotNull(await InsertAsync(first));

        var late = InsertAsync(second);
        Assert.False(late.IsCompleted);
        await first.Transaction.CommitAsync();

        Assert.Null(await late);

        async Task<object?> InsertAsync(Open open)
        {
            await using var command = new NpgsqlCommand(FirstWrite, open.Connection);
            command.Parameters.AddWithValue("n0", n0);
            command.Parameters.Add(new NpgsqlParameter("extension", (object?)extension ?? DBNull.Value));
            return await command.ExecuteScalarAsync();
        }
    }

    [Fact]
    public async Task A_publish_that_waits_for_a_clear_leaves_no_row_behind()
    {
        var held = await StoreAsync(Samples.Snapshot(1));
        await using var clear = await BeginAsync();
        await RunAsync(clear, "DELETE FROM grain_state");

        var publish = Publisher.PublishAsync(Samples.State(held.State.Snapshot! with { Version = 1 }, Samples.Event(held.State.Snapshot.Id, 1)));
        Assert.False(publish.IsCompleted);
        await clear.Transaction.CommitAsync();
        await publish;

        Assert.Empty(await Catalog.ListAsync(new CatalogQuery(), default));
        Assert.Equal(0, await CountAsync("instance_events"));
    }

    [Fact]
    public async Task A_clear_that_waits_for_a_publish_takes_its_row_along()
    {
        var snapshot = Samples.Snapshot(1);
        var held = new Held<TestState> { State = { Snapshot = snapshot } };
        await Storage.WriteStateAsync(Samples.StateName, Samples.Grain(snapshot.Id), held);
        await using var publish = await BeginAsync();
        await RunAsync(publish, "SELECT FROM grain_state FOR KEY SHARE");
        await RunAsync(
            publish,
            $"INSERT INTO instances (number, id, version, status, busy, driver, owner, snapshot) VALUES (1, '{snapshot.Id}', 1, 0, false, 'x', 'x', '')");

        var clear = Storage.ClearStateAsync(Samples.StateName, Samples.Grain(snapshot.Id), held);
        Assert.False(clear.IsCompleted);
        await publish.Transaction.CommitAsync();
        await clear;

        Assert.Equal(0, await CountAsync("instances"));
    }

    [Fact]
    public async Task A_join_that_waits_for_another_has_the_higher_incarnation()
    {
        var nodes = Store.Part<INodeTable>();
        var node = new NodeSnapshot("a", Guid.NewGuid(), ["*"], ["process"], 100, Samples.Noon);
        await nodes.JoinAsync(node, TimeSpan.FromSeconds(30), default);
        await using var first = await BeginAsync();
        await RunAsync(first, "UPDATE nodes SET seen_at = now()");

        var second = nodes.JoinAsync(node, TimeSpan.FromSeconds(30), default);
        await WaitingAsync();
        await RunAsync(first, "UPDATE nodes SET incarnation = nextval('node_incarnations')");
        await first.Transaction.CommitAsync();

        var incarnation = await second;
        Assert.Equal(incarnation, (await nodes.FindAsync("a", default))!.Incarnation);
        Assert.Equal($"{incarnation}", Assert.Single(await Store.QueryAsync("SELECT last_value FROM node_incarnations")));
    }

    [Fact]
    public async Task Texts_that_PostgreSQL_can_not_hold_are_logged_without_what_it_can_not()
    {
        var snapshot = Samples.Snapshot(1) with { Message = "a\0b" };

        await StoreAsync(snapshot, Samples.Event(snapshot.Id, 1) with { Message = "a\0b", Metadata = Samples.Map(("k", "\\u0000 \0")) });

        var logged = Assert.Single(await Events.ListAsync(snapshot.Id, new(), 0, 10, default));
        Assert.Equal(("a\uFFFDb", "\\u0000 \0"), (logged.Message, logged.Metadata["k"]));
        Assert.Equal("a\0b", (await Catalog.FindAsync(snapshot.Id, default))!.Message);
    }

    protected override Task<ITestStore> OpenAsync() => PostgresTestStore.OpenAsync(silo);

    private static async Task RunAsync(Open open, string sql)
    {
        await using var command = new NpgsqlCommand(sql, open.Connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Waits until a command waits for a lock.</summary>
    private async Task WaitingAsync()
    {
        var since = Stopwatch.GetTimestamp();
        while ((await Store.QueryAsync(
            "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")).Count == 0)
        {
            Assert.True(Stopwatch.GetElapsedTime(since) < Soon, $"Waited {Soon} for a command that waits for a lock.");
            await Task.Delay(10);
        }
    }

    private async Task<Open> BeginAsync()
    {
        var connection = new NpgsqlConnection(silo.ConnectionString);
        await connection.OpenAsync();
        return new Open(connection, await connection.BeginTransactionAsync());
    }

    private sealed record Open(NpgsqlConnection Connection, NpgsqlTransaction Transaction) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Transaction.DisposeAsync();
            await Connection.DisposeAsync();
        }
    }
}
