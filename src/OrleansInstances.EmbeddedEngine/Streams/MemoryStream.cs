using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.Streams;

namespace OrleansInstances.EmbeddedEngine.Streams;

/// <summary>A stream: each subscriber has a bounded queue, and a full one holds the publisher back.</summary>
internal sealed class MemoryStream<T>(StreamId id, CancellationToken ending, ILogger logger) : IAsyncStream<T>
{
    private ImmutableArray<MemoryStreamSubscription<T>> _subscriptions = [];

    public async Task OnNextAsync(T item, StreamSequenceToken? token = null)
    {
        foreach (var subscription in _subscriptions)
        {
            await subscription.OfferAsync(item);
        }
    }

    public MemoryStreamSubscription<T> Subscribe(Func<T, StreamSequenceToken, Task> onNext)
    {
        var subscription = new MemoryStreamSubscription<T>(id, onNext, Remove, ending, logger);
        ImmutableInterlocked.Update(ref _subscriptions, all => all.Add(subscription));
        return subscription;
    }

    private void Remove(MemoryStreamSubscription<T> subscription) => ImmutableInterlocked.Update(ref _subscriptions, all => all.Remove(subscription));
}
