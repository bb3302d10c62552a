using OrleansInstances.Keeper.Protocol;

namespace OrleansInstances.Nodes.Tests;

public sealed class OrderQueueTests
{
    private readonly OrderQueue _queue = new();

    [Fact]
    public void Orders_come_in_the_order_they_were_given_and_only_the_first_asks_to_be_carried_out()
    {
        var (one, two) = (new ListRequest(), new ShutdownRequest(0));

        Assert.True(_queue.TryAdd(one, out var first));
        Assert.True(first);
        Assert.True(_queue.TryAdd(two, out first));
        Assert.False(first);

        Assert.Same(one, _queue.Current());
        Assert.True(_queue.Next());
        Assert.Same(two, _queue.Current());
        Assert.False(_queue.Next());
        Assert.True(_queue.IsIdle);
    }

    [Fact]
    public void It_takes_no_more_than_its_bound()
    {
        for (var i = 0; i < OrderQueue.MaxOrders; i++)
        {
            Assert.True(_queue.TryAdd(new ListRequest(), out _));
        }

        Assert.False(_queue.TryAdd(new ListRequest(), out _));
    }

    [Fact]
    public async Task Idle_is_when_the_last_order_ended()
    {
        Assert.True(_queue.WhenIdle().IsCompleted);
        _queue.TryAdd(new ListRequest(), out _);
        _queue.TryAdd(new ListRequest(), out _);
        var idle = _queue.WhenIdle();

        _queue.Next();
        Assert.False(idle.IsCompleted);
        _queue.Next();

        await idle;
    }
}
