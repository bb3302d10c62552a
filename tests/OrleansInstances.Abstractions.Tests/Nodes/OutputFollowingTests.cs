using System.Diagnostics;
using System.Text;
using OrleansInstances.Nodes;

namespace OrleansInstances.Abstractions.Tests.Nodes;

/// <summary>One who follows an instance's output while that moves from node to node.</summary>
public sealed class OutputFollowingTests : IAsyncDisposable
{
    private readonly FakeCluster _cluster = new();
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromSeconds(60));
    private readonly IAsyncEnumerator<OutputSlice> _follower;

    public OutputFollowingTests()
    {
        _cluster.RunOn("a");
        _cluster.Print("a", "one");
        _follower = _cluster.Grains.FollowOutputAsync(Guid.NewGuid()).GetAsyncEnumerator(_limit.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _follower.DisposeAsync();
        _limit.Dispose();
    }

    [Fact]
    public async Task It_goes_on_at_the_next_node_at_once_and_knows_what_lies_between()
    {
        Assert.Equal((0, "one"), await NextAsync());
        var next = NextAsync();
        await WaitingAsync();
        var since = Stopwatch.GetTimestamp();

        _cluster.RunOn("b");
        _cluster.Print("b", "two", from: 1000);

        Assert.Equal((1000, "two"), await next);
        Assert.InRange(Stopwatch.GetElapsedTime(since), TimeSpan.Zero, TimeSpan.FromSeconds(15));
        _cluster.Print("b", "three");
        Assert.Equal((1003, "three"), await NextAsync());
    }

    [Fact]
    public async Task What_is_left_to_read_on_the_node_before_comes_first()
    {
        Assert.Equal((0, "one"), await NextAsync());
        _cluster.Print("a", " and the rest");
        _cluster.RunOn("b");
        _cluster.Print("b", "two", from: 16);

        Assert.Equal((3, " and the rest"), await NextAsync());
        Assert.Equal((16, "two"), await NextAsync());
    }

    [Fact]
    public async Task A_node_that_is_lost_is_waited_for_and_left_when_the_instance_moves()
    {
        Assert.Equal((0, "one"), await NextAsync());
        var next = NextAsync();
        await WaitingAsync();

        _cluster.Lose("a");
        _cluster.RunOn("b");
        _cluster.Print("b", "two", from: 1000);

        Assert.Equal((1000, "two"), await next);
    }

    [Fact]
    public async Task An_instance_whose_silo_is_lost_is_followed_on()
    {
        _cluster.LostCalls = 2;

        Assert.Equal((0, "one"), await NextAsync());
    }

    [Fact]
    public async Task It_ends_with_the_instance()
    {
        Assert.Equal((0, "one"), await NextAsync());
        var end = _follower.MoveNextAsync().AsTask();

        _cluster.Delete();

        Assert.False(await end);
    }

    private async Task<(long Offset, string Text)> NextAsync()
    {
        Assert.True(await _follower.MoveNextAsync());
        return (_follower.Current.Offset, Encoding.ASCII.GetString(_follower.Current.Data.Span));
    }

    private async Task WaitingAsync()
    {
        while (_cluster.Waiting == 0)
        {
            _limit.Token.ThrowIfCancellationRequested();
            await Task.Delay(5);
        }
    }
}
