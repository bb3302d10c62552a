using Orleans.Runtime;
using OrleansInstances.EmbeddedEngine.Activations;

namespace OrleansInstances.EmbeddedEngine.Timers;

/// <summary>A clock outside of the activation, and ticks inside of it. The clock starts again when a tick has ended: ticks never pile up.</summary>
internal sealed partial class GrainTimer : IGrainTimer
{
    private readonly Activation _activation;
    private readonly Func<CancellationToken, Task> _callback;
    private readonly CancellationTokenSource _cancellation = new();
    private readonly ITimer _clock;
    private readonly TimerTick _tick;
    private TimeSpan _dueTime;
    private TimeSpan _period;
    /// <summary>1 from the moment the clock fires to the end of the tick: the tick is never queued twice.</summary>
    private int _ticks;
    private bool _changed;

    private GrainTimer(Activation activation, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        _activation = activation;
        _callback = callback;
        _tick = new TimerTick(this, options.Interleave, options.KeepAlive);
        using (ExecutionContext.SuppressFlow())
        {
            _clock = activation.Silo.Time.CreateTimer(static timer => ((GrainTimer)timer!).OnDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    public bool IsDisposed => _cancellation.IsCancellationRequested;

    public static GrainTimer Start(Activation activation, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        var timer = new GrainTimer(activation, callback, options);
        activation.Add(timer);
        timer.Change(options.DueTime, options.Period);
        return timer;
    }

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        _dueTime = dueTime;
        _period = period;
        _changed = true;
        if (Volatile.Read(ref _ticks) == 0)
        {
            _clock.Change(dueTime, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        _clock.Dispose();
        _cancellation.Cancel();
        _activation.Remove(this);
    }

    /// <summary>Runs the callback in the activation's turn. Its failure is logged; the timer goes on.</summary>
    /// <returns>What the callback failed with, if it did.</returns>
    public async Task<Exception?> TickAsync()
    {
        _changed = false;
        try
        {
            await _callback(_cancellation.Token);
            return null;
        }
        catch (Exception error)
        {
            LogTickFailed(_activation.Silo.Logger, error, _activation.GrainId);
            return error;
        }
        finally
        {
            Volatile.Write(ref _ticks, 0);
            if (!IsDisposed)
            {
                _clock.Change(_changed ? _dueTime : _period, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private void OnDue()
    {
        if (Interlocked.Exchange(ref _ticks, 1) == 0)
        {
            _activation.TryReceive(_tick);
        }
    }
}
