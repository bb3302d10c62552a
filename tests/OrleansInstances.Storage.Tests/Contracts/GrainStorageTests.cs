using Orleans.Storage;

namespace OrleansInstances.Storage.Tests.Contracts;

public abstract class GrainStorageTests : StoreTests
{
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

        await Storage.ReadStateAsync("state", Samples.Grain("a"), held);

        Assert.False(held.RecordExists);
        Assert.Null(held.ETag);
        Assert.Equal("", held.State.Text);
    }

    [Fact]
    public async Task Every_write_gives_a_new_etag()
    {
        var held = await WriteAsync("a", "first");
        var first = held.ETag;

        await Storage.WriteStateAsync("state", Samples.Grain("a"), held);

        Assert.NotEqual(first, held.ETag);
        Assert.Equal(held.ETag, (await ReadAsync("a")).ETag);
    }

    [Fact]
    public async Task A_stale_write_throws_and_changes_nothing()
    {
        var held = await WriteAsync("a", "first");
        var stale = await ReadAsync("a");
        held.State.Text = "second";
        await Storage.WriteStateAsync("state", Samples.Grain("a"), held);
        stale.State.Text = "lost";

        await Assert.ThrowsAsync<InconsistentStateException>(() => Storage.WriteStateAsync("state", Samples.Grain("a"), stale));

        Assert.Equal("second", (await ReadAsync("a")).State.Text);
    }

    [Fact]
    public async Task A_first_write_over_an_existing_state_throws()
    {
        await WriteAsync("a", "first");

        await Assert.ThrowsAsync<InconsistentStateException>(() => WriteAsync("a", "second"));

        Assert.Equal("first", (await ReadAsync("a")).State.Text);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("a key of text")]
    [InlineData("7c3e0a1e2b5d4f60a1b2c3d4e5f60718")]
    [InlineData("7c3e0a1e2b5d4f60a1b2c3d4e5f60718+extension")]
    [InlineData("11+extension")]
    public async Task Of_overlapping_first_writes_exactly_one_wins(string key)
    {
        var writes = Enumerable.Range(0, 32).Select(i => WriteAsync(key, $"{i}")).ToArray();
        await Task.WhenAll(writes.Select(write => write.ContinueWith(_ => { }, TaskScheduler.Default)));

        var winner = Assert.Single(writes, write => write.IsCompletedSuccessfully);
        Assert.All(writes.Where(write => write != winner), write => Assert.IsType<InconsistentStateException>(write.Exception!.InnerException));
        Assert.Equal((await winner).State.Text, (await ReadAsync(key)).State.Text);
    }

    [Theory]
    [InlineData("999999")]
    [InlineData("")]
    public async Task An_etag_that_was_never_given_fits_no_state(string etag)
    {
        await WriteAsync("a", "first");
        var held = new Held<PlainState> { ETag = etag };

        await Assert.ThrowsAsync<InconsistentStateException>(() => Storage.WriteStateAsync("state", Samples.Grain("a"), held));
        await Assert.ThrowsAsync<InconsistentStateException>(() => Storage.ClearStateAsync("state", Samples.Grain("a"), held));

        Assert.Equal("first", (await ReadAsync("a")).State.Text);
    }

    [Fact]
    public async Task An_etag_of_one_grain_does_not_fit_another()
    {
        var a = await WriteAsync("a", "first");
        await WriteAsync("b", "first");

        await Assert.ThrowsAsync<InconsistentStateException>(() => Storage.WriteStateAsync("state", Samples.Grain("b"), a));
    }

    [Fact]
    public async Task Names_of_states_and_types_of_grains_tell_states_apart()
    {
        var held = new Held<PlainState> { State = { Text = "other" } };
        await WriteAsync("a", "first");

        await Storage.WriteStateAsync("other", Samples.Grain("a"), held);
        await Storage.WriteStateAsync("state", GrainId.Create("other", "a"), new Held<PlainState>());

        Assert.Equal("first", (await ReadAsync("a")).State.Text);
    }

    [Fact]
    public async Task Keys_of_every_kind_tell_states_apart()
    {
        string[] keys = ["b", "11+x", "11+y", "a key", "7c3e0a1e2b5d4f60a1b2c3d4e5f60718", "7c3e0a1e2b5d4f60a1b2c3d4e5f60718+x", "7c3e0a1e2b5d4f60a1b2c3d4e5f60718+y"];
        foreach (var key in keys)
        {
            await WriteAsync(key, key);
        }

        foreach (var key in keys)
        {
            Assert.Equal(key, (await ReadAsync(key)).State.Text);
        }
    }

    [Fact]
    public async Task A_cleared_state_is_gone_and_can_be_written_anew()
    {
        var held = await WriteAsync("a", "first");

        await Storage.ClearStateAsync("state", Samples.Grain("a"), held);

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
        await Storage.ClearStateAsync("state", Samples.Grain("a"), held);

        await Assert.ThrowsAsync<InconsistentStateException>(() => Storage.WriteStateAsync("state", Samples.Grain("a"), stale));
        await WriteAsync("a", "again");
        await Assert.ThrowsAsync<InconsistentStateException>(() => Storage.WriteStateAsync("state", Samples.Grain("a"), stale));
        await Assert.ThrowsAsync<InconsistentStateException>(() => Storage.ClearStateAsync("state", Samples.Grain("a"), stale));

        Assert.Equal("again", (await ReadAsync("a")).State.Text);
    }

    [Fact]
    public async Task A_clear_of_what_was_never_written_is_nothing()
    {
        await Storage.ClearStateAsync("state", Samples.Grain("a"), new Held<PlainState>());

        Assert.Equal(0, await CountAsync("grain_state"));
    }

    [Fact]
    public async Task A_clear_without_etag_does_not_remove_what_someone_else_wrote()
    {
        await WriteAsync("a", "first");

        await Assert.ThrowsAsync<InconsistentStateException>(
            () => Storage.ClearStateAsync("state", Samples.Grain("a"), new Held<PlainState>()));

        Assert.True((await ReadAsync("a")).RecordExists);
    }

    private async Task<Held<PlainState>> WriteAsync(string key, string text)
    {
        var held = new Held<PlainState> { State = { Text = text } };
        await Storage.WriteStateAsync("state", Samples.Grain(key), held);
        return held;
    }

    private async Task<Held<PlainState>> ReadAsync(string key)
    {
        var held = new Held<PlainState>();
        await Storage.ReadStateAsync("state", Samples.Grain(key), held);
        return held;
    }
}
