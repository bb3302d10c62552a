using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Streams;

namespace OrleansInstances.Engines.Tests;

/// <summary>Streams in memory, published to and subscribed to from outside of grains.</summary>
public sealed class StreamTests : IAsyncLifetime
{
    private const string Provider = "memory";

    private readonly Guid _key = Guid.NewGuid();
    private TestSilo _silo = null!;

    private IClusterClient Client => _silo.Services.GetRequiredService<IClusterClient>();

    public async Task InitializeAsync() => _silo = await TestSilo.StartAsync(silo => silo
        .AddMemoryStreams(Provider)
        .AddMemoryGrainStorage("PubSubStore")
        .Configure<SiloMessagingOptions>(options => options.ResponseTimeout = TimeSpan.FromSeconds(30)));

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    [Fact]
    public async Task Every_subscriber_gets_every_item_in_order()
    {
        var (first, second) = (new ConcurrentQueue<int>(), new ConcurrentQueue<int>());
        await SubscribeAsync(_key, first);
        await SubscribeAsync(_key, second);

        for (var i = 0; i < 1000; i++)
        {
            await Stream(_key).OnNextAsync(i);
        }

        await Eventually.HoldsAsync("all items", () => Task.FromResult(first.Count == 1000 && second.Count == 1000));
        Assert.Equal(Enumerable.Range(0, 1000), first);
        Assert.Equal(Enumerable.Range(0, 1000), second);
    }

    [Fact]
    public async Task Streams_of_other_keys_are_other_streams()
    {
        var (one, other) = (new ConcurrentQueue<int>(), new ConcurrentQueue<int>());
        var otherKey = Guid.NewGuid();
        await SubscribeAsync(_key, one);
        await SubscribeAsync(otherKey, other);

        await Stream(_key).OnNextAsync(1);
        await Stream(otherKey).OnNextAsync(2);

        await Eventually.HoldsAsync("both items", () => Task.FromResult(!one.IsEmpty && !other.IsEmpty));
        Assert.Equal([1], one);
        Assert.Equal([2], other);
    }

    [Fact]
    public async Task Who_has_unsubscribed_gets_nothing_more()
    {
        var (leaving, staying) = (new ConcurrentQueue<int>(), new ConcurrentQueue<int>());
        var subscription = await SubscribeAsync(_key, leaving);
        await SubscribeAsync(_key, staying);
        await Stream(_key).OnNextAsync(1);
        await Eventually.HoldsAsync("the first item", () => Task.FromResult(!leaving.IsEmpty && !staying.IsEmpty));

        await subscription.UnsubscribeAsync();
        await Stream(_key).OnNextAsync(2);
        await Stream(_key).OnNextAsync(3);

        await Eventually.HoldsAsync("the others' items", () => Task.FromResult(staying.Count == 3));
        Assert.Equal([1], leaving);
    }

    [Fact]
    public async Task A_subscriber_that_fails_keeps_nothing_from_the_others()
    {
        var received = new ConcurrentQueue<int>();
        await Stream(_key).SubscribeAsync((_, _) => throw new InvalidOperationException("no"));
        await SubscribeAsync(_key, received);

        await Stream(_key).OnNextAsync(1);
        await Stream(_key).OnNextAsync(2);

        await Eventually.HoldsAsync("both items", () => Task.FromResult(received.Count == 2));
    }

    [Fact]
    public async Task An_item_that_nobody_waits_for_is_taken()
    {
        await Stream(_key).OnNextAsync(1);
    }

    [Fact]
    public void A_provider_that_is_not_there_is_named()
    {
        var error = Assert.ThrowsAny<Exception>(() => Client.GetStreamProvider("another"));

        Assert.IsType<KeyNotFoundException>(error);
        Assert.Contains("another", error.Message, StringComparison.Ordinal);
    }

    private IAsyncStream<int> Stream(Guid key) => Client.GetStreamProvider(Provider).GetStream<int>(StreamId.Create("numbers", key));

    private Task<StreamSubscriptionHandle<int>> SubscribeAsync(Guid key, ConcurrentQueue<int> received) => Stream(key).SubscribeAsync((item, _) =>
    {
        received.Enqueue(item);
        return Task.CompletedTask;
    });
}
