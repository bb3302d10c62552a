namespace Orleans.Streams;

/// <summary>Takes the items of a stream, one after the other.</summary>
public interface IAsyncObserver<in T>
{
    Task OnNextAsync(T item, StreamSequenceToken? token = null);
}

/// <inheritdoc/>
public interface IAsyncBatchProducer<T> : IAsyncObserver<T>;
