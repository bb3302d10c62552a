namespace OrleansInstances.Engines.Tests.Grains;

public sealed class FaultGrain : Grain, IFaultGrain
{
    private int _cancelled;
    private int _counted;

    public async Task ThrowAsync(string message)
    {
        await Task.Yield();
        throw new InvalidOperationException(message);
    }

    public Task<int> ThrowAtOnceAsync(string message) => throw new ArgumentException(message);

    public Task ThrowCancelledAsync() => throw new OperationCanceledException("by the grain");

    public async Task WaitAsync(CancellationToken cancellation)
    {
        try
        {
            await Task.Delay(Timeout.Infinite, cancellation);
        }
        finally
        {
            _cancelled++;
        }
    }

    public Task<int> WaitsCancelledAsync() => Task.FromResult(_cancelled);

    public async Task CountLateAsync(TimeSpan delay)
    {
        await Task.Delay(delay);
        _counted++;
    }

    public Task CountAsync()
    {
        _counted++;
        return Task.CompletedTask;
    }

    public Task<int> CountedAsync() => Task.FromResult(_counted);

    public async Task OneWayAsync(TimeSpan delay)
    {
        await Task.Delay(delay);
        _counted++;
        throw new InvalidOperationException("nobody hears this");
    }
}
