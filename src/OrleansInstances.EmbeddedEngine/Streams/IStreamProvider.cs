using Orleans.Runtime;

namespace Orleans.Streams;

/// <summary>Gives streams by their ids.</summary>
public interface IStreamProvider
{
    IAsyncStream<T> GetStream<T>(StreamId streamId);
}
