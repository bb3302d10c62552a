using Orleans.Concurrency;

namespace OrleansInstances.Engines.Tests.Grains;

[Reentrant]
public sealed class ReentrantGrain : Grain, IReentrantGrain
{
    private readonly TaskCompletionSource _release = new();
    private int _held;

    public async Task HoldAsync()
    {
        _held++;
        await _release.Task;
    }

    public Task<int> HeldAsync() => Task.FromResult(_held);

    public Task ReleaseAsync()
    {
        _release.TrySetResult();
        return Task.CompletedTask;
    }
}
