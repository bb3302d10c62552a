using System.Diagnostics;
using Orleans.Configuration;
using OrleansInstances.Engines.Tests.Grains;

namespace OrleansInstances.Engines.Tests;

/// <summary>On a silo of its own, whose calls time out soon enough to wait for.</summary>
public sealed class TimeoutTests(TimeoutTests.Silo fixture) : IClassFixture<TimeoutTests.Silo>
{
    private readonly IFaultGrain _grain = fixture.Grains.GetGrain<IFaultGrain>(Guid.NewGuid());

    [Fact]
    public async Task A_call_that_takes_too_long_times_out_and_runs_on()
    {
        var clock = Stopwatch.StartNew();

        await Assert.ThrowsAsync<TimeoutException>(() => _grain.CountLateAsync(Silo.ResponseTimeout * 3));

        Assert.InRange(clock.Elapsed, Silo.ResponseTimeout * 0.9, Silo.ResponseTimeout * 2.9);
        await Eventually.HoldsAsync("the call took effect all the same", async () => await _grain.CountedAsync() == 1);
    }

    [Fact]
    public async Task A_call_that_timed_out_before_its_turn_is_not_run()
    {
        // Orleans keeps no order among calls to a grain that is not active yet.
        await _grain.CountedAsync();

        var late = _grain.CountLateAsync(Silo.ResponseTimeout * 4);
        var behind = _grain.CountAsync();

        await Assert.ThrowsAsync<TimeoutException>(() => behind);
        await Assert.ThrowsAsync<TimeoutException>(() => late);
        await Eventually.HoldsAsync("the late call ended", async () => await _grain.CountedAsync() > 0);

        await _grain.CountAsync();
        Assert.Equal(2, await _grain.CountedAsync());
    }

    [Fact]
    public async Task A_grain_that_calls_itself_waits_until_the_timeout() =>
        await Assert.ThrowsAsync<TimeoutException>(() => fixture.Grains.GetGrain<ITurnGrain>(Guid.NewGuid().ToString()).CallSelfAsync());

    public sealed class Silo : IAsyncLifetime
    {
        public static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(2);

        private TestSilo? _silo;

        public IGrainFactory Grains => _silo!.Grains;

        public async Task InitializeAsync() =>
            _silo = await TestSilo.StartAsync(silo => silo.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = ResponseTimeout));

        public Task DisposeAsync() => _silo!.DisposeAsync();
    }
}
