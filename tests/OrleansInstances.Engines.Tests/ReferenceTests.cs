using OrleansInstances.Engines.Tests.Grains;

namespace OrleansInstances.Engines.Tests;

[Collection(SharedSilo.Name)]
public sealed class ReferenceTests(TestSilo silo)
{
    [Fact]
    public void References_to_one_grain_are_equal()
    {
        var id = Guid.NewGuid();

        Assert.Equal(silo.Grains.GetGrain<IFaultGrain>(id), silo.Grains.GetGrain<IFaultGrain>(id));
        Assert.Equal(silo.Grains.GetGrain<IFaultGrain>(id).GetHashCode(), silo.Grains.GetGrain<IFaultGrain>(id).GetHashCode());
        Assert.NotEqual(silo.Grains.GetGrain<IFaultGrain>(id), silo.Grains.GetGrain<IFaultGrain>(Guid.NewGuid()));
    }

    [Fact]
    public void A_reference_tells_the_key_it_was_made_with()
    {
        var id = Guid.NewGuid();

        Assert.Equal(id, silo.Grains.GetGrain<IFaultGrain>(id).GetPrimaryKey());
        Assert.Equal("a/b c", silo.Grains.GetGrain<ITurnGrain>("a/b c").GetPrimaryKeyString());
    }

    [Fact]
    public void An_id_is_the_grain_type_and_the_key_in_text()
    {
        var id = Guid.Parse("0f8fad5b-d9cb-469f-a165-70867728950e");

        Assert.Equal("fault/0f8fad5bd9cb469fa16570867728950e", silo.Grains.GetGrain<IFaultGrain>(id).GetGrainId().ToString());
        Assert.Equal("turn/x", silo.Grains.GetGrain<ITurnGrain>("x").GetGrainId().ToString());
        Assert.Equal(GrainId.Create("turn", "x"), silo.Grains.GetGrain<ITurnGrain>("x").GetGrainId());
    }

    [Fact]
    public void An_interface_that_nobody_implements_has_no_references() =>
        Assert.Throws<ArgumentException>(() => silo.Grains.GetGrain<IMissingGrain>(Guid.NewGuid()));

    [Fact]
    public async Task Two_references_reach_the_same_object()
    {
        var key = Guid.NewGuid().ToString();

        Assert.Equal(await silo.Grains.GetGrain<ILifeGrain>(key).WhoAsync(), await silo.Grains.GetGrain<ILifeGrain>(key).WhoAsync());
    }
}
