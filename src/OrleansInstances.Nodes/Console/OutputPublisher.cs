using Microsoft.Extensions.Logging;
using OrleansInstances.Instances;

namespace OrleansInstances.Nodes.Console;

/// <summary>
/// Publishes the output of instances for as long as somebody watches them, piece after piece. A stream that takes nothing
/// costs no memory: the next piece is read when it has taken the one before.
/// </summary>
internal sealed partial class OutputPublisher(
    Func<OutputQuery, ValueTask<OutputSlice?>> read, IOutputStream stream, int maxWatches, TimeProvider time, ILogger logger) : IDisposable
{
    public static readonly TimeSpan WatchFor = TimeSpan.FromSeconds(60);

    private const int SliceBytes = 64 * 1024;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LastDelay = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, Watch> _watches = [];

    /// <summary>Instances whose output is published now.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _watches.Count;
            }
        }
    }

    public async ValueTask<WatchReply> WatchAsync(Guid instanceId)
    {
        var head = (await read(new OutputQuery(instanceId, From: 0, TailLines: null, Since: null, MaxBytes: 0)).ConfigureAwait(false))?.Head ?? 0;
        var until = time.GetUtcNow() + WatchFor;
        lock (_gate)
        {
            if (_watches.TryGetValue(instanceId, out var watch))
            {
                watch.Until = until;
                return new WatchReply(null, watch.Next, WatchFor);
            }

            if (_watches.Count >= maxWatches)
            {
                return new WatchReply(
                    new Refusal(RefusalKind.Unavailable, "too_many_watches", $"The node publishes the output of {maxWatches} instances already (OI_MAX_OUTPUT_WATCHES)."), 0, TimeSpan.Zero);
            }

            _watches[instanceId] = watch = new Watch(instanceId, new OutputPace(time)) { Until = until, Next = head };
            _ = Task.Run(() => PublishAsync(watch));
            return new WatchReply(null, head, WatchFor);
        }
    }

    public void Dispose() => _stopping.Cancel();

    private async Task PublishAsync(Watch watch)
    {
        try
        {
            var delay = FirstDelay;
            while (TimeLeft(watch) is { } left)
            {
                var wait = left < LongestWait ? left : LongestWait;
                var slice = await read(new OutputQuery(watch.InstanceId, watch.Next, TailLines: null, Since: null, SliceBytes) { Wait = wait }).ConfigureAwait(false);
                if (slice is null)
                {
                    // Nothing of it is here (any more).
                    End(watch);
                    return;
                }

                if (slice.Data.IsEmpty)
                {
                    continue;
                }

                if (await TryPublishAsync(watch, slice).ConfigureAwait(false))
                {
                    lock (_gate)
                    {
                        watch.Next = slice.Offset + slice.Data.Length;
                    }

                    delay = FirstDelay;
                    await Task.Delay(watch.Pace.Spend(slice.Data.Length), time, _stopping.Token).ConfigureAwait(false);
                }
                else
                {
                    await Task.Delay(delay, time, _stopping.Token).ConfigureAwait(false);
                    delay = delay * 2 < LastDelay ? delay * 2 : LastDelay;
                }
            }
        }
        catch (Exception failure)
        {
            End(watch);
            if (!_stopping.IsCancellationRequested)
            {
                LogEnded(failure, watch.InstanceId);
            }
        }
    }

    private async Task<bool> TryPublishAsync(Watch watch, OutputSlice slice)
    {
        try
        {
            await stream.PublishAsync(watch.InstanceId, slice).ConfigureAwait(false);
            return true;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            LogNotPublished(failure, watch.InstanceId, slice.Offset);
            return false;
        }
    }

    /// <summary>Null once the watch is over; a later one begins anew.</summary>
    private TimeSpan? TimeLeft(Watch watch)
    {
        lock (_gate)
        {
            var left = watch.Until - time.GetUtcNow();
            if (left > TimeSpan.Zero && !_stopping.IsCancellationRequested)
            {
                return left;
            }

            _watches.Remove(watch.InstanceId);
            return null;
        }
    }

    private void End(Watch watch)
    {
        lock (_gate)
        {
            _watches.Remove(watch.InstanceId);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The output of {InstanceId} from offset {Offset} on could not be published; it is tried again")]
    private partial void LogNotPublished(Exception failure, Guid instanceId, long offset);

    [LoggerMessage(LogLevel.Warning, "The output of {InstanceId} is no longer published; whoever watches it asks again")]
    private partial void LogEnded(Exception failure, Guid instanceId);

    private sealed class Watch(Guid instanceId, OutputPace pace)
    {
        public Guid InstanceId => instanceId;

        public OutputPace Pace => pace;

        public DateTimeOffset Until { get; set; }

        /// <summary>Offset of the first byte that is not published.</summary>
        public long Next { get; set; }
    }
}
