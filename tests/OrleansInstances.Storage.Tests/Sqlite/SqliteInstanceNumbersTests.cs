using OrleansInstances.Storage.Sqlite;

namespace OrleansInstances.Storage.Tests.Sqlite;

public sealed class SqliteInstanceNumbersTests : IAsyncLifetime
{
    private readonly StorageFolder folder = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await folder.DisposeAsync();

    [Fact]
    public async Task The_same_id_gets_the_same_number_again_and_another_the_next()
    {
        var numbers = new SqliteInstanceNumbers(folder.Open());
        var id = Guid.NewGuid();

        Assert.Equal(1, await numbers.AllocateAsync(id));
        Assert.Equal(1, await numbers.AllocateAsync(id));
        Assert.Equal(2, await numbers.AllocateAsync(Guid.NewGuid()));
        Assert.Equal(1, await numbers.AllocateAsync(id));
    }

    [Fact]
    public async Task A_number_is_not_given_again_though_its_instance_and_even_its_row_are_gone()
    {
        var database = folder.Open();
        await new SqliteInstanceNumbers(database).AllocateAsync(Guid.NewGuid());
        await database.WriteAsync(session => session.Execute("DELETE FROM instance_numbers"));
        await database.DisposeAsync();

        Assert.Equal(2, await new SqliteInstanceNumbers(folder.Open()).AllocateAsync(Guid.NewGuid()));
    }

    [Fact]
    public async Task Many_at_once_get_numbers_of_their_own_without_gaps()
    {
        var numbers = new SqliteInstanceNumbers(folder.Open());

        var given = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => numbers.AllocateAsync(Guid.NewGuid())));

        Assert.Equal(Enumerable.Range(1, 200), given.Order());
    }
}
