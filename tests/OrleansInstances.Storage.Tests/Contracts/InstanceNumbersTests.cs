using OrleansInstances.Grains.Instances;

namespace OrleansInstances.Storage.Tests.Contracts;

public abstract class InstanceNumbersTests : StoreTests
{
    [Fact]
    public async Task The_same_id_gets_the_same_number_again_and_another_the_next()
    {
        var numbers = Store.Part<IInstanceNumbers>();
        var id = Guid.NewGuid();

        Assert.Equal(1, await numbers.AllocateAsync(id));
        Assert.Equal(1, await numbers.AllocateAsync(id));
        Assert.Equal(2, await numbers.AllocateAsync(Guid.NewGuid()));
        Assert.Equal(1, await numbers.AllocateAsync(id));
    }

    [Fact]
    public async Task A_number_is_not_given_again_though_its_instance_and_even_its_row_are_gone()
    {
        await Store.Part<IInstanceNumbers>().AllocateAsync(Guid.NewGuid());
        await Store.RunAsync("DELETE FROM instance_numbers");

        Assert.Equal(2, await Store.Part<IInstanceNumbers>().AllocateAsync(Guid.NewGuid()));
    }

    [Fact]
    public async Task The_same_id_asked_for_many_times_at_once_gets_one_number()
    {
        var (numbers, id) = (Store.Part<IInstanceNumbers>(), Guid.NewGuid());

        var given = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Run(() => numbers.AllocateAsync(id))));

        Assert.Single(given.Distinct());
    }

    [Fact]
    public async Task Many_at_once_get_numbers_of_their_own_without_gaps()
    {
        var numbers = Store.Part<IInstanceNumbers>();

        var given = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => numbers.AllocateAsync(Guid.NewGuid())));

        Assert.Equal(Enumerable.Range(1, 200), given.Order());
    }
}
