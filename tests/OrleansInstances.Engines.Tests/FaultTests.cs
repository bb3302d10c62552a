using OrleansInstances.Engines.Tests.Grains;

namespace OrleansInstances.Engines.Tests;

[Collection(SharedSilo.Name)]
public sealed class FaultTests(TestSilo silo)
{
    private readonly IFaultGrain _grain = silo.Grains.GetGrain<IFaultGrain>(Guid.NewGuid());

    [Fact]
    public async Task An_exception_reaches_the_caller()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => _grain.ThrowAsync("broken"));

        Assert.Equal("broken", error.Message);
    }

    [Fact]
    public async Task An_exception_that_is_thrown_before_the_first_await_reaches_the_caller_by_the_task()
    {
        var call = _grain.ThrowAtOnceAsync("broken");

        Assert.Equal("broken", (await Assert.ThrowsAsync<ArgumentException>(() => call)).Message);
    }

    [Fact]
    public async Task A_grain_goes_on_after_an_exception()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => _grain.ThrowAsync("broken"));

        await _grain.CountAsync();

        Assert.Equal(1, await _grain.CountedAsync());
    }

    [Fact]
    public async Task A_cancellation_within_the_grain_reaches_the_caller() =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _grain.ThrowCancelledAsync());

    [Fact]
    public async Task A_caller_that_cancels_stops_waiting_and_so_does_the_grain()
    {
        using var cancellation = new CancellationTokenSource();
        var call = _grain.WaitAsync(cancellation.Token);
        Assert.Equal(0, await _grain.WaitsCancelledAsync());

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await Eventually.HoldsAsync("the grain was cancelled too", async () => await _grain.WaitsCancelledAsync() == 1);
    }

    [Fact]
    public async Task A_call_that_is_cancelled_beforehand_is_not_made()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _grain.WaitAsync(new CancellationToken(canceled: true)));

        Assert.Equal(0, await _grain.WaitsCancelledAsync());
    }

    [Fact]
    public async Task A_one_way_call_waits_for_nothing()
    {
        var call = _grain.OneWayAsync(TimeSpan.FromMilliseconds(50));

        Assert.True(call.IsCompletedSuccessfully);
        await Eventually.HoldsAsync("the call took effect", async () => await _grain.CountedAsync() == 1);
    }
}
