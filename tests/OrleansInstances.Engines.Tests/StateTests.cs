using Orleans.Storage;
using OrleansInstances.Engines.Tests.Grains;

namespace OrleansInstances.Engines.Tests;

[Collection(SharedSilo.Name)]
public sealed class StateTests(TestSilo silo)
{
    private readonly string _key = Guid.NewGuid().ToString();

    private IStateGrain Grain => silo.Grains.GetGrain<IStateGrain>(_key);

    [Fact]
    public async Task A_state_that_is_not_stored_is_a_new_one() => Assert.Equal(new StateView(7, Exists: false, Etag: null), await Grain.ReadAsync());

    [Fact]
    public async Task A_stored_state_is_read_before_the_first_call()
    {
        silo.Storage.Overwrite(_key, new Counter { Value = 3 });

        Assert.Equal(new StateView(3, Exists: true, Etag: "1"), await Grain.ReadAsync());
    }

    [Fact]
    public async Task Each_write_has_an_etag_of_its_own()
    {
        Assert.Equal(new StateView(1, Exists: true, Etag: "1"), await Grain.WriteAsync(1));
        Assert.Equal(new StateView(2, Exists: true, Etag: "2"), await Grain.WriteAsync(2));
    }

    [Fact]
    public async Task A_cleared_state_is_a_new_one()
    {
        await Grain.WriteAsync(1);

        Assert.Equal(new StateView(7, Exists: false, Etag: null), await Grain.ClearAsync());
    }

    [Fact]
    public async Task A_write_over_another_one_fails_and_the_next_call_sees_what_is_stored()
    {
        var first = await Grain.WhoAsync();
        silo.Storage.Overwrite(_key, new Counter { Value = 5 });

        await Assert.ThrowsAsync<InconsistentStateException>(() => Grain.WriteAsync(6));

        Assert.NotEqual(first, await Grain.WhoAsync());
        Assert.Equal(new StateView(5, Exists: true, Etag: "1"), await Grain.ReadAsync());
    }

    [Fact]
    public async Task An_inconsistent_state_ends_only_the_activation_it_comes_from()
    {
        var caller = silo.Grains.GetGrain<IStateGrain>(Guid.NewGuid().ToString());
        var before = await caller.WhoAsync();
        await Grain.WriteAsync(1);
        silo.Storage.Overwrite(_key, new Counter { Value = 5 });

        await Assert.ThrowsAsync<InconsistentStateException>(() => caller.WriteThroughAsync(_key, 6));

        Assert.Equal(before, await caller.WhoAsync());
        Assert.Equal(5, (await Grain.ReadAsync()).Value);
    }

    [Fact]
    public async Task A_failure_of_the_store_reaches_the_caller_as_the_engine_s_own_with_the_cause_inside()
    {
        await Grain.WriteAsync(1);
        silo.Storage.Failures[_key] = new IOException("disk full");

        var error = await Assert.ThrowsAsync<OrleansException>(() => Grain.WriteAsync(2));

        Assert.IsType<IOException>(error.InnerException);
        Assert.Equal(1, silo.Storage.VersionOf(_key));
    }

    [Fact]
    public async Task A_grain_whose_state_can_t_be_read_is_tried_again_by_the_next_call()
    {
        silo.Storage.Failures[_key] = new IOException("disk gone");

        await Assert.ThrowsAnyAsync<Exception>(() => Grain.ReadAsync());

        Assert.Equal(7, (await Grain.ReadAsync()).Value);
    }
}
