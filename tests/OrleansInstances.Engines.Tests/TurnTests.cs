using OrleansInstances.Engines.Tests.Grains;

namespace OrleansInstances.Engines.Tests;

[Collection(SharedSilo.Name)]
public sealed class TurnTests(TestSilo silo)
{
    private readonly string _key = Guid.NewGuid().ToString();

    private ITurnGrain Grain => silo.Grains.GetGrain<ITurnGrain>(_key);

    [Fact]
    public async Task Calls_to_one_grain_run_one_at_a_time()
    {
        var most = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => Grain.CrowdAsync())));

        Assert.Equal(1, most.Max());
    }

    [Fact]
    public async Task Calls_that_don_t_wait_for_each_other_run_once_each_in_any_order()
    {
        await Task.WhenAll(Enumerable.Range(0, 100).Select(x => Grain.AppendAsync(x)));

        Assert.Equal(Enumerable.Range(0, 100), (await Grain.AppendedAsync()).Order());
    }

    [Fact]
    public async Task An_interleaving_call_runs_while_another_one_waits()
    {
        var hold = Grain.HoldAsync();
        await Eventually.HoldsAsync("the hold is inside", async () => await Grain.HeldAsync() == 1);

        await Grain.ReleaseAsync();

        await hold;
    }

    [Fact]
    public async Task An_ordinary_call_waits_for_the_one_before_it()
    {
        var hold = Grain.HoldAsync();
        await Eventually.HoldsAsync("the hold is inside", async () => await Grain.HeldAsync() == 1);
        var ping = Grain.PingAsync();
        await Grain.HeldAsync();
        Assert.False(ping.IsCompleted);

        await Grain.ReleaseAsync();

        await Task.WhenAll(hold, ping);
    }

    [Fact]
    public async Task An_ordinary_call_runs_while_only_interleaving_ones_wait()
    {
        var hold = Grain.HoldInterleavedAsync();
        await Eventually.HoldsAsync("the hold is inside", async () => await Grain.HeldAsync() == 1);

        await Grain.PingAsync();

        Assert.False(hold.IsCompleted);
        await Grain.ReleaseAsync();
        await hold;
    }

    [Fact]
    public async Task All_calls_to_a_reentrant_grain_interleave()
    {
        var grain = silo.Grains.GetGrain<IReentrantGrain>(_key);
        var holds = Task.WhenAll(grain.HoldAsync(), grain.HoldAsync());
        await Eventually.HoldsAsync("both holds are inside", async () => await grain.HeldAsync() == 2);

        await grain.ReleaseAsync();

        await holds;
    }

    [Fact]
    public async Task An_await_comes_back_to_the_grain_and_Task_Run_leaves_it() =>
        Assert.Equal("on grain True, back True, escaped True, started True, back again True", await Grain.SchedulingAsync());

    [Fact]
    public async Task What_is_ambient_at_the_caller_is_not_at_the_grain()
    {
        TurnGrain.Ambient.Value = "of the caller";

        Assert.Null(await Grain.AmbientAsync());
        Assert.Equal("of the caller", TurnGrain.Ambient.Value);
    }

    [Fact]
    public async Task A_grain_method_may_return_a_value_task() => Assert.Equal(42, await Grain.DoubleAsync(21));
}
