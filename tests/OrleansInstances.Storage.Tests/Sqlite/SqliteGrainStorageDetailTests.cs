using Orleans.Storage;
using OrleansInstances.Storage.Sqlite;

namespace OrleansInstances.Storage.Tests.Sqlite;

/// <summary>What only SQLite's grain storage promises: whole ETags in its faults, and one transaction for state and catalog.</summary>
public sealed class SqliteGrainStorageDetailTests : IAsyncLifetime
{
    private readonly StorageFolder folder = new();
    private SqliteDatabase database = null!;
    private SqliteGrainStorage storage = null!;

    public Task InitializeAsync()
    {
        database = folder.Open();
        storage = database.GrainStorage();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await folder.DisposeAsync();

    [Fact]
    public async Task A_stale_write_throws_with_both_etags()
    {
        var held = await WriteAsync("first");
        var stale = new Held<PlainState> { ETag = held.ETag };
        await storage.WriteStateAsync("state", Samples.Grain("a"), held);

        var error = await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("state", Samples.Grain("a"), stale));

        Assert.Equal(held.ETag, error.StoredEtag);
        Assert.Equal(stale.ETag, error.CurrentEtag);
    }

    [Theory]
    [InlineData("1.2")]
    [InlineData("9.1")]
    [InlineData("not an etag")]
    [InlineData("-1.-1")]
    public async Task An_etag_that_was_never_given_fits_no_state(string etag)
    {
        await WriteAsync("first");
        var held = new Held<PlainState> { ETag = etag };

        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("state", Samples.Grain("a"), held));
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.ClearStateAsync("state", Samples.Grain("a"), held));
    }

    [Fact]
    public async Task A_failed_catalog_row_undoes_the_state_too()
    {
        await database.StoreAsync(Samples.Snapshot(1));
        var sameNumber = Samples.Snapshot(1);

        await Assert.ThrowsAnyAsync<Exception>(() => database.StoreAsync(sameNumber, Samples.Event(sameNumber.Id, 1)));

        Assert.Equal(1, folder.Count("grain_state"));
        Assert.Equal(0, folder.Count("instance_events"));
    }

    [Fact]
    public async Task The_state_is_what_it_was_when_the_write_was_asked_for()
    {
        var held = new Held<PlainState> { State = { Text = "asked for" } };

        var write = storage.WriteStateAsync("state", Samples.Grain("a"), held);
        held.State.Text = "changed later";
        await write;

        var read = new Held<PlainState>();
        await storage.ReadStateAsync("state", Samples.Grain("a"), read);
        Assert.Equal("asked for", read.State.Text);
    }

    private async Task<Held<PlainState>> WriteAsync(string text)
    {
        var held = new Held<PlainState> { State = { Text = text } };
        await storage.WriteStateAsync("state", Samples.Grain("a"), held);
        return held;
    }
}
