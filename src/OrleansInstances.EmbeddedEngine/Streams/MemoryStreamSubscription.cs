using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.Streams;

namespace OrleansInstances.EmbeddedEngine.Streams;

/// <summary>Hands items to one subscriber, one after the other.</summary>
internal sealed partial class MemoryStreamSubscription<T> : StreamSubscriptionHandle<T>
{
    private const int MaxItems = 1024;

    private readonly Channel<T> _items = Channel.CreateBounded<T>(MaxItems);
    private readonly CancellationTokenSource _end;
    private readonly StreamId _stream;
    private readonly Func<T, StreamSequenceToken, Task> _onNext;
    private readonly Action<MemoryStreamSubscription<T>> _remove;
    private readonly ILogger _logger;

    public MemoryStreamSubscription(
        StreamId stream, Func<T, StreamSequenceToken, Task> onNext, Action<MemoryStreamSubscription<T>> remove, CancellationToken ending, ILogger logger)
    {
        _stream = stream;
        _onNext = onNext;
        _remove = remove;
        _logger = logger;
        _end = CancellationTokenSource.CreateLinkedTokenSource(ending);
        _ = Task.Run(DeliverAsync);
    }

    public async ValueTask OfferAsync(T item)
    {
        try
        {
            await _items.Writer.WriteAsync(item, _end.Token);
        }
        catch (OperationCanceledException)
        {
            // It is over: nobody is owed the item.
        }
    }

    public override Task UnsubscribeAsync()
    {
        _remove(this);
        return _end.CancelAsync();
    }

    private async Task DeliverAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                await _onNext(await _items.Reader.ReadAsync(_end.Token), null!);
            }
            catch (Exception failure) when (!_end.IsCancellationRequested)
            {
                LogFailed(failure, _stream);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "A subscriber of stream {Stream} failed; it goes on with the next item")]
    private partial void LogFailed(Exception failure, StreamId stream);
}
