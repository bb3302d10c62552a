namespace OrleansInstances.Engines.Tests.Grains;

public sealed class TimerGrain : Grain, ITimerGrain
{
    private IGrainTimer? _timer;
    private int _ticks;
    private int _inside;
    private bool _orderly = true;

    public Task StartAsync(TimeSpan dueTime, TimeSpan period, bool interleave, bool fail)
    {
        var scheduler = TaskScheduler.Current;
        _timer = this.RegisterGrainTimer(
            async (state, cancellation) =>
            {
                _orderly &= TaskScheduler.Current == scheduler && ++_inside == 1;
                await Task.Delay(1, cancellation);
                _inside--;
                _ticks++;
                if (state)
                {
                    throw new InvalidOperationException("a tick that fails");
                }
            },
            fail,
            new GrainTimerCreationOptions { DueTime = dueTime, Period = period, Interleave = interleave });
        return Task.CompletedTask;
    }

    public Task ChangeAsync(TimeSpan dueTime, TimeSpan period)
    {
        _timer!.Change(dueTime, period);
        return Task.CompletedTask;
    }

    public Task StopAsync()
    {
        _timer!.Dispose();
        return Task.CompletedTask;
    }

    public Task<int> TicksAsync() => Task.FromResult(_ticks);

    public async Task<int> StayAsync(TimeSpan atMost, int ticks)
    {
        var end = DateTime.UtcNow + atMost;
        while (_ticks < ticks && DateTime.UtcNow < end)
        {
            await Task.Delay(5);
        }

        return _ticks;
    }

    public Task<bool> WereOrderlyAsync() => Task.FromResult(_orderly);
}
