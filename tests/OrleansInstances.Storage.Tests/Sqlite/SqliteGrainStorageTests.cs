using Orleans.Storage;
using OrleansInstances.Storage.Sqlite;

namespace OrleansInstances.Storage.Tests.Sqlite;

public sealed class SqliteGrainStorageTests : IAsyncLifetime
{
    private readonly StorageFolder folder = new();
    private SqliteGrainStorage storage = null!;

    public Task InitializeAsync()
    {
        storage = folder.Open().GrainStorage();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await folder.DisposeAsync();

    [Fact]
    public async Task What_was_written_is_read_back()
    {
        var held = await WriteAsync("a", "first");

        var read = await ReadAsync("a");

        Assert.True(read.RecordExists);
        Assert.Equal("first", read.State.Text);
        Assert.Equal(held.ETag, read.ETag);
    }

    [Fact]
    public async Task A_state_that_was_never_written_reads_as_new()
    {
        var held = new Held<PlainState> { State = { Text = "left over" }, ETag = "1.1", RecordExists = true };

        await storage.ReadStateAsync("state", Samples.Grain("a"), held);

        Assert.False(held.RecordExists);
        Assert.Null(held.ETag);
        Assert.Equal("", held.State.Text);
    }

    [Fact]
    public async Task Every_write_gives_a_new_etag()
    {
        var held = await WriteAsync("a", "first");
        var first = held.ETag;

        await storage.WriteStateAsync("state", Samples.Grain("a"), held);

        Assert.NotEqual(first, held.ETag);
        Assert.Equal(held.ETag, (await ReadAsync("a")).ETag);
    }

    [Fact]
    public async Task A_stale_write_throws_with_both_etags_and_changes_nothing()
    {
        var held = await WriteAsync("a", "first");
        var stale = await ReadAsync("a");
        held.State.Text = "second";
        await storage.WriteStateAsync("state", Samples.Grain("a"), held);
        stale.State.Text = "lost";

        var error = await Assert.ThrowsAsync<InconsistentStateException>(
            () => storage.WriteStateAsync("state", Samples.Grain("a"), stale));

        Assert.Equal(held.ETag, error.StoredEtag);
        Assert.Equal(stale.ETag, error.CurrentEtag);
        Assert.Equal("second", (await ReadAsync("a")).State.Text);
    }

    [Fact]
    public async Task A_first_write_over_an_existing_state_throws()
    {
        var held = await WriteAsync("a", "first");

        var error = await Assert.ThrowsAsync<InconsistentStateException>(() => WriteAsync("a", "second"));

        Assert.Equal(held.ETag, error.StoredEtag);
        Assert.Equal("first", (await ReadAsync("a")).State.Text);
    }

    [Fact]
    public async Task Of_overlapping_first_writes_exactly_one_wins()
    {
        var writes = Enumerable.Range(0, 32).Select(i => WriteAsync("a", $"{i}")).ToArray();
        await Task.WhenAll(writes.Select(write => write.ContinueWith(_ => { }, TaskScheduler.Default)));

        var winner = Assert.Single(writes, write => write.IsCompletedSuccessfully);
        Assert.All(writes.Where(write => write != winner), write => Assert.IsType<InconsistentStateException>(write.Exception!.InnerException));
        Assert.Equal((await winner).State.Text, (await ReadAsync("a")).State.Text);
    }

    [Theory]
    [InlineData("1.2")]
    [InlineData("9.1")]
    [InlineData("")]
    [InlineData("not an etag")]
    [InlineData("-1.-1")]
    public async Task An_etag_that_was_never_given_fits_no_state(string etag)
    {
        await WriteAsync("a", "first");
        var held = new Held<PlainState> { ETag = etag };

        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("state", Samples.Grain("a"), held));
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.ClearStateAsync("state", Samples.Grain("a"), held));

        Assert.Equal("first", (await ReadAsync("a")).State.Text);
    }

    [Fact]
    public async Task An_etag_of_one_grain_does_not_fit_another()
    {
        var a = await WriteAsync("a", "first");
        await WriteAsync("b", "first");

        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("state", Samples.Grain("b"), a));
    }

    [Fact]
    public async Task Names_of_states_and_types_of_grains_tell_states_apart()
    {
        var held = new Held<PlainState> { State = { Text = "other" } };
        await WriteAsync("a", "first");

        await storage.WriteStateAsync("other", Samples.Grain("a"), held);
        await storage.WriteStateAsync("state", GrainId.Create("other", "a"), new Held<PlainState>());

        Assert.Equal("first", (await ReadAsync("a")).State.Text);
    }

    [Fact]
    public async Task A_cleared_state_is_gone_and_can_be_written_anew()
    {
        var held = await WriteAsync("a", "first");

        await storage.ClearStateAsync("state", Samples.Grain("a"), held);

        Assert.False(held.RecordExists);
        Assert.Null(held.ETag);
        Assert.Equal("", held.State.Text);
        Assert.False((await ReadAsync("a")).RecordExists);
        await WriteAsync("a", "again");
    }

    [Fact]
    public async Task An_etag_from_before_a_clear_fits_nothing_after_it()
    {
        var held = await WriteAsync("a", "first");
        var stale = await ReadAsync("a");
        await storage.ClearStateAsync("state", Samples.Grain("a"), held);

        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("state", Samples.Grain("a"), stale));
        await WriteAsync("a", "again");
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("state", Samples.Grain("a"), stale));
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.ClearStateAsync("state", Samples.Grain("a"), stale));

        Assert.Equal("again", (await ReadAsync("a")).State.Text);
    }

    [Fact]
    public async Task A_clear_of_what_was_never_written_is_nothing()
    {
        await storage.ClearStateAsync("state", Samples.Grain("a"), new Held<PlainState>());

        Assert.Equal(0, folder.Count("grain_state"));
    }

    [Fact]
    public async Task A_clear_without_etag_does_not_remove_what_someone_else_wrote()
    {
        await WriteAsync("a", "first");

        await Assert.ThrowsAsync<InconsistentStateException>(
            () => storage.ClearStateAsync("state", Samples.Grain("a"), new Held<PlainState>()));

        Assert.True((await ReadAsync("a")).RecordExists);
    }

    [Fact]
    public async Task The_state_is_what_it_was_when_the_write_was_asked_for()
    {
        var held = new Held<PlainState> { State = { Text = "asked for" } };

        var write = storage.WriteStateAsync("state", Samples.Grain("a"), held);
        held.State.Text = "changed later";
        await write;

        Assert.Equal("asked for", (await ReadAsync("a")).State.Text);
    }

    private async Task<Held<PlainState>> WriteAsync(string key, string text)
    {
        var held = new Held<PlainState> { State = { Text = text } };
        await storage.WriteStateAsync("state", Samples.Grain(key), held);
        return held;
    }

    private async Task<Held<PlainState>> ReadAsync(string key)
    {
        var held = new Held<PlainState>();
        await storage.ReadStateAsync("state", Samples.Grain(key), held);
        return held;
    }
}
