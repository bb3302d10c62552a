namespace Orleans.Streams;

/// <summary>What can be subscribed to.</summary>
public interface IAsyncObservable<T>;

/// <summary>A stream: published to through <see cref="IAsyncObserver{T}.OnNextAsync"/>, which completes when the item is taken, not when it has arrived.</summary>
public interface IAsyncStream<T> : IAsyncObservable<T>, IAsyncBatchProducer<T>;
