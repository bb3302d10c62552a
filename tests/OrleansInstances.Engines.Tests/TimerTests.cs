using OrleansInstances.Engines.Tests.Grains;

namespace OrleansInstances.Engines.Tests;

[Collection(SharedSilo.Name)]
public sealed class TimerTests(TestSilo silo)
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Never = Timeout.InfiniteTimeSpan;

    private readonly ITimerGrain _grain = silo.Grains.GetGrain<ITimerGrain>(Guid.NewGuid().ToString());

    [Fact]
    public async Task A_timer_ticks_on_the_grain_one_tick_at_a_time()
    {
        await _grain.StartAsync(TimeSpan.Zero, Short, interleave: false, fail: false);

        await Eventually.HoldsAsync("five ticks", async () => await _grain.TicksAsync() >= 5);
        Assert.True(await _grain.WereOrderlyAsync());
    }

    [Fact]
    public async Task A_timer_without_a_period_ticks_once()
    {
        await _grain.StartAsync(Short, Never, interleave: false, fail: false);
        await Eventually.HoldsAsync("a tick", async () => await _grain.TicksAsync() == 1);

        Assert.Equal(1, await _grain.StayAsync(TimeSpan.FromMilliseconds(200), ticks: 2));
    }

    [Fact]
    public async Task A_tick_waits_for_the_call_that_runs()
    {
        await _grain.StartAsync(Short, Short, interleave: false, fail: false);

        Assert.True(await _grain.StayAsync(TimeSpan.FromMilliseconds(200), ticks: 5) < 5);
    }

    [Fact]
    public async Task An_interleaving_tick_does_not_wait()
    {
        await _grain.StartAsync(Short, Short, interleave: true, fail: false);

        Assert.True(await _grain.StayAsync(TimeSpan.FromMilliseconds(900), ticks: 3) >= 3);
    }

    [Fact]
    public async Task A_timer_goes_on_after_a_tick_that_failed()
    {
        await _grain.StartAsync(Short, Short, interleave: false, fail: true);

        await Eventually.HoldsAsync("three ticks", async () => await _grain.TicksAsync() >= 3);
    }

    [Fact]
    public async Task A_disposed_timer_ticks_no_more()
    {
        await _grain.StartAsync(Short, Short, interleave: false, fail: false);
        await Eventually.HoldsAsync("a tick", async () => await _grain.TicksAsync() >= 1);
        await _grain.StopAsync();
        var ticks = await _grain.TicksAsync();

        Assert.Equal(ticks, await _grain.StayAsync(TimeSpan.FromMilliseconds(200), ticks + 1));
    }

    [Fact]
    public async Task A_timer_can_be_changed()
    {
        await _grain.StartAsync(Never, Never, interleave: false, fail: false);
        Assert.Equal(0, await _grain.TicksAsync());

        await _grain.ChangeAsync(Short, Short);

        await Eventually.HoldsAsync("two ticks", async () => await _grain.TicksAsync() >= 2);
    }
}
