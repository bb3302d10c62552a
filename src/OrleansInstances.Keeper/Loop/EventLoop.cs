using OrleansInstances.Keeper.Interop;

namespace OrleansInstances.Keeper.Loop;

/// <summary>
/// The keeper's one thread: waits on epoll for descriptors and deadlines and calls their handlers, one at a time. Handlers
/// must not block. What escapes from a handler is a bug and ends the keeper; the next one adopts the runs.
/// </summary>
internal sealed class EventLoop(TimeProvider time) : IDisposable
{
    private const int EventsPerWait = 256;

    private readonly int _epoll = Posix.EpollCreate();
    private readonly Dictionary<long, Action<PollEvents>> _handlers = [];
    private readonly PriorityQueue<Deadline, long> _deadlines = new();
    private long _lastToken;
    private bool _stopped;

    /// <summary>Called after each batch of events, before the next wait.</summary>
    public Action? AfterBatch { get; set; }

    /// <summary>Calls <paramref name="handler"/> whenever <paramref name="fd"/> is ready, until the watch is disposed.</summary>
    public Watch Watch(int fd, PollEvents events, Action<PollEvents> handler)
    {
        // A token is never reused, unlike a descriptor: an event of a watch that an earlier handler of the batch ended finds nobody.
        var token = ++_lastToken;
        Posix.EpollControl(_epoll, EpollOperation.Add, fd, events, token);
        _handlers.Add(token, handler);
        return new Watch(this, fd, token);
    }

    /// <summary>Calls <paramref name="callback"/> once, after <paramref name="delay"/> and never within this call.</summary>
    public Deadline After(TimeSpan delay, Action callback)
    {
        var due = time.GetTimestamp() + (long)(Math.Max(delay.TotalSeconds, 0) * time.TimestampFrequency);
        var deadline = new Deadline(due, callback);
        _deadlines.Enqueue(deadline, due);
        return deadline;
    }

    public void Run()
    {
        var buffer = new byte[EventsPerWait * Posix.EpollEventBytes];
        while (!_stopped)
        {
            var count = Posix.EpollWait(_epoll, buffer, MillisecondsToNextDeadline());
            for (var i = 0; i < count; i++)
            {
                var (events, token) = Posix.EpollEvent(buffer, i);
                if (_handlers.TryGetValue(token, out var handler))
                {
                    handler(events);
                }
            }

            CallDueDeadlines();
            AfterBatch?.Invoke();
        }
    }

    /// <summary>Lets <see cref="Run"/> return after the current batch.</summary>
    public void Stop() => _stopped = true;

    public void Dispose() => Posix.Close(_epoll);

    internal void Change(Watch watch, PollEvents events) =>
        Posix.EpollControl(_epoll, EpollOperation.Modify, watch.Fd, events, watch.Token);

    internal void Remove(Watch watch)
    {
        if (_handlers.Remove(watch.Token))
        {
            Posix.EpollControl(_epoll, EpollOperation.Delete, watch.Fd, PollEvents.None, watch.Token);
        }
    }

    private int MillisecondsToNextDeadline()
    {
        while (_deadlines.TryPeek(out var next, out var due))
        {
            if (next.Callback is null)
            {
                _deadlines.Dequeue();
                continue;
            }

            var left = Math.Max(due - time.GetTimestamp(), 0);
            return (int)Math.Min(Math.Ceiling(left * 1000.0 / time.TimestampFrequency), int.MaxValue);
        }

        return -1;
    }

    private void CallDueDeadlines()
    {
        var now = time.GetTimestamp();
        while (_deadlines.TryPeek(out var next, out var due) && due <= now)
        {
            _deadlines.Dequeue();
            next.Fire();
        }
    }
}
