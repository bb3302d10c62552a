using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.Streams;

namespace OrleansInstances.EmbeddedEngine.Streams;

/// <summary>The streams of one provider, each made when it is first asked for.</summary>
internal sealed class MemoryStreamProvider(ILogger<MemoryStreamProvider> logger) : IStreamProvider, IDisposable
{
    private readonly ConcurrentDictionary<StreamId, object> _streams = new();
    private readonly CancellationTokenSource _ending = new();

    public IAsyncStream<T> GetStream<T>(StreamId streamId) =>
        (MemoryStream<T>)_streams.GetOrAdd(streamId, static (id, provider) => new MemoryStream<T>(id, provider._ending.Token, provider.Logger), this);

    public void Dispose() => _ending.Cancel();

    private ILogger Logger => logger;
}
