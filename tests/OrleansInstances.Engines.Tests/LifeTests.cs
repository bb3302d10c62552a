using Orleans.Configuration;
using OrleansInstances.Engines.Tests.Grains;

namespace OrleansInstances.Engines.Tests;

[Collection(SharedSilo.Name)]
public sealed class LifeTests(TestSilo silo)
{
    private readonly string _key = Guid.NewGuid().ToString();

    [Fact]
    public async Task A_grain_that_can_t_be_activated_says_why_and_is_tried_again_by_the_next_call()
    {
        var key = "refuses" + _key;
        var grain = silo.Grains.GetGrain<ILifeGrain>(key);

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => grain.WhoAsync());

        Assert.Equal("not today", error.Message);
        await grain.WhoAsync();
        Assert.Equal(["activate", "dispose", "activate"], Journal.Of(key));
    }

    [Fact]
    public async Task A_grain_that_ends_itself_is_another_object_at_the_next_call()
    {
        var grain = silo.Grains.GetGrain<ILifeGrain>(_key);

        var ended = await grain.EndAsync();

        Assert.NotEqual(ended, await grain.WhoAsync());
        Assert.Equal(["activate", "deactivate ApplicationRequested", "dispose", "activate"], Journal.Of(_key));
    }

    [Fact]
    public async Task Calls_that_arrive_while_a_grain_ends_are_served_by_the_next_object()
    {
        var grain = silo.Grains.GetGrain<ILifeGrain>(_key);
        var ending = grain.EndSlowlyAsync();
        await Eventually.HoldsAsync("the grain ends", () => Journal.Of(_key).Contains("ending"));
        var waiting = grain.WhoAsync();

        Journal.ReleaseOf(_key).SetResult();

        Assert.NotEqual(await ending, await waiting);
        Assert.Equal(["activate", "ending", "ended", "deactivate ApplicationRequested", "dispose", "activate"], Journal.Of(_key));
    }

    [Fact]
    public async Task A_grain_that_nobody_uses_ends()
    {
        var own = await TestSilo.StartAsync(builder => builder.Configure<GrainCollectionOptions>(options =>
        {
            options.CollectionQuantum = TimeSpan.FromSeconds(1);
            options.CollectionAge = TimeSpan.FromSeconds(2);
        }));
        try
        {
            await own.Grains.GetGrain<ILifeGrain>(_key).WhoAsync();

            await Eventually.HoldsAsync("the grain ended", () => Journal.Of(_key) is ["activate", "deactivate ActivationIdle", "dispose"]);
        }
        finally
        {
            await own.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_silo_that_stops_ends_its_grains()
    {
        var own = await TestSilo.StartAsync(_ => { });
        var grain = own.Grains.GetGrain<ILifeGrain>(_key);
        await grain.WhoAsync();

        await own.StopAsync();

        Assert.Equal(["activate", "deactivate ShuttingDown", "dispose"], Journal.Of(_key));
        await own.DisposeAsync();
    }
}
