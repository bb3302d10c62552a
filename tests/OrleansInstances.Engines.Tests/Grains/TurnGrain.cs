using System.Collections.Immutable;

namespace OrleansInstances.Engines.Tests.Grains;

public sealed class TurnGrain : Grain, ITurnGrain
{
    public static readonly AsyncLocal<string?> Ambient = new();

    private readonly TaskCompletionSource _release = new();
    private ImmutableArray<int> _numbers = [];
    private int _held;
    private int _inside;
    private int _mostInside;

    public async Task AppendAsync(int number)
    {
        await Task.Yield();
        _numbers = _numbers.Add(number);
    }

    public Task<ImmutableArray<int>> AppendedAsync() => Task.FromResult(_numbers);

    public async Task<int> CrowdAsync()
    {
        _mostInside = Math.Max(_mostInside, ++_inside);
        await Task.Yield();
        await Task.Delay(1);
        _inside--;
        return _mostInside;
    }

    public Task HoldAsync() => WaitAsync();

    public Task HoldInterleavedAsync() => WaitAsync();

    public Task ReleaseAsync()
    {
        _release.TrySetResult();
        return Task.CompletedTask;
    }

    public Task<int> HeldAsync() => Task.FromResult(_held);

    public Task PingAsync() => Task.CompletedTask;

    public async Task<string> SchedulingAsync()
    {
        var grain = TaskScheduler.Current;
        var onGrain = grain != TaskScheduler.Default;
        await Task.Delay(1);
        var back = TaskScheduler.Current == grain;
        var escaped = await Task.Run(() => TaskScheduler.Current == TaskScheduler.Default);
        var started = await Task.Factory.StartNew(() => TaskScheduler.Current == grain);
        return $"on grain {onGrain}, back {back}, escaped {escaped}, started {started}, back again {TaskScheduler.Current == grain}";
    }

    public Task<string?> AmbientAsync() => Task.FromResult(Ambient.Value);

    public Task CallSelfAsync() => GrainFactory.GetGrain<ITurnGrain>(this.GetPrimaryKeyString()).PingAsync();

    public ValueTask<int> DoubleAsync(int number) => new(number * 2);

    private async Task WaitAsync()
    {
        _held++;
        await _release.Task;
        _held--;
    }
}
