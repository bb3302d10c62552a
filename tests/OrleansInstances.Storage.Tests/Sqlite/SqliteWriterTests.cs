using OrleansInstances.Storage.Sqlite;

namespace OrleansInstances.Storage.Tests.Sqlite;

public sealed class SqliteWriterTests : IAsyncLifetime
{
    private const string Insert = "INSERT INTO instance_numbers (instance_id) VALUES (@id)";

    private readonly StorageFolder folder = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await folder.DisposeAsync();

    [Fact]
    public async Task A_failing_write_does_not_hurt_its_neighbours()
    {
        var database = folder.Open();
        using var gate = new Gate(database);
        var before = database.WriteAsync(Add);
        var failing = database.WriteAsync<int>(session =>
        {
            Add(session);
            throw new InvalidDataException("on purpose");
        });
        var after = database.WriteAsync(Add);

        gate.Open();

        await before;
        await after;
        Assert.Equal("on purpose", (await Assert.ThrowsAsync<InvalidDataException>(() => failing)).Message);
        Assert.Equal(2, folder.Count("instance_numbers"));
    }

    [Fact]
    public async Task Writes_that_wait_share_a_commit_up_to_the_bound()
    {
        var database = folder.Open(options => options.MaxBatch = 10);
        using var gate = new Gate(database);
        var writes = Enumerable.Range(0, 30).Select(_ => database.WriteAsync(AddAndCountCommitted)).ToArray();

        gate.Open();

        var committedBefore = await Task.WhenAll(writes);
        Assert.Equal([(0L, 10), (10L, 10), (20L, 10)], committedBefore.CountBy(count => count).Select(batch => (batch.Key, batch.Value)));
    }

    [Fact]
    public async Task One_write_too_many_is_refused_and_the_others_go_on()
    {
        var database = folder.Open(options => options.WriteQueueLength = 4);
        using var gate = new Gate(database);
        var waiting = Enumerable.Range(0, 4).Select(_ => database.WriteAsync(Add)).ToArray();

        var error = await Assert.ThrowsAsync<StorageOverloadedException>(() => database.WriteAsync(Add));

        gate.Open();
        await Task.WhenAll(waiting);
        Assert.Contains("4", error.Message, StringComparison.Ordinal);
        Assert.Equal(4, folder.Count("instance_numbers"));
    }

    [Fact]
    public async Task A_write_that_is_cancelled_while_it_waits_is_not_done()
    {
        var database = folder.Open();
        using var gate = new Gate(database);
        using var cancellation = new CancellationTokenSource();
        var cancelled = database.WriteAsync(Add, cancellation.Token);
        var other = database.WriteAsync(Add);

        await cancellation.CancelAsync();
        gate.Open();

        await other;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.Equal(1, folder.Count("instance_numbers"));
    }

    [Fact]
    public async Task Closing_finishes_what_waits_and_refuses_what_comes()
    {
        var database = folder.Open();
        using var gate = new Gate(database);
        var waiting = database.WriteAsync(Add);

        var closing = database.DisposeAsync().AsTask();
        gate.Open();
        await closing;

        await waiting;
        await Assert.ThrowsAsync<ObjectDisposedException>(() => database.WriteAsync(Add));
        Assert.Equal(1, folder.Count("instance_numbers"));
    }

    [Fact]
    public async Task A_read_sees_every_write_that_was_completed_before_it()
    {
        var database = folder.Open();
        for (var i = 1; i <= 200; i++)
        {
            await database.WriteAsync(Add);
            Assert.Equal((long)i, await database.ReadAsync(session => session.Scalar("SELECT count(*) FROM instance_numbers")));
        }
    }

    [Fact]
    public async Task A_read_can_not_write()
    {
        var database = folder.Open();

        await Assert.ThrowsAsync<StorageUnavailableException>(() => database.ReadAsync(Add));
    }

    private static int Add(SqliteSession session) => session.Execute(Insert, ("@id", Guid.NewGuid().ToBlob()));

    /// <summary>What another connection sees is what the transactions before this one have committed.</summary>
    private long AddAndCountCommitted(SqliteSession session)
    {
        Add(session);
        return folder.Count("instance_numbers");
    }

    /// <summary>Holds the writer in a batch of its own, so that what comes next waits.</summary>
    private sealed class Gate : IDisposable
    {
        private readonly ManualResetEventSlim open = new();

        public Gate(SqliteDatabase database)
        {
            using var reached = new ManualResetEventSlim();
            _ = database.WriteAsync(_ =>
            {
                reached.Set();
                return open.Wait(TimeSpan.FromSeconds(30));
            });
            Assert.True(reached.Wait(TimeSpan.FromSeconds(30)), "The writer did not take the first write within 30 s.");
        }

        public void Open() => open.Set();

        public void Dispose() => open.Set();
    }
}
