using OrleansInstances.EmbeddedEngine.Streams;

namespace Orleans.Streams;

/// <summary>Subscribing by a delegate.</summary>
public static class AsyncObservableExtensions
{
    /// <summary>The items published from now on. Without end: a subscription lasts until it is given up or the silo ends.</summary>
    public static Task<StreamSubscriptionHandle<T>> SubscribeAsync<T>(this IAsyncObservable<T> obs, Func<T, StreamSequenceToken, Task> onNextAsync)
    {
        ArgumentNullException.ThrowIfNull(onNextAsync);
        return Task.FromResult<StreamSubscriptionHandle<T>>(((MemoryStream<T>)obs).Subscribe(onNextAsync));
    }
}
