using System.Security.Cryptography;
using System.Text;
using OrleansInstances.Storage.Keys;

namespace OrleansInstances.Storage.Tests.Contracts;

public abstract class KeyTableTests : StoreTests
{
    private IKeyTable Keys => Store.Part<IKeyTable>();

    [Fact]
    public async Task A_key_is_found_by_its_hash_as_it_was_inserted()
    {
        var key = Key("one") with { Owner = "'; --", ExpiresAt = Samples.Noon.AddDays(1) };

        Assert.True(await Keys.InsertAsync(key, default));

        AssertSame(key, await Keys.FindAsync(key.Hash, default));
        Assert.Null(await Keys.FindAsync(Key("two").Hash, default));
    }

    [Fact]
    public async Task The_same_hash_is_not_inserted_twice()
    {
        await Keys.InsertAsync(Key("one"), default);

        Assert.False(await Keys.InsertAsync(Key("one"), default));

        Assert.Single(await Keys.ListAsync(default));
    }

    [Fact]
    public async Task A_revoked_key_is_still_there_and_says_so()
    {
        var key = Key("one");
        await Keys.InsertAsync(key, default);

        Assert.True(await Keys.RevokeAsync(key.Id, default));
        Assert.False(await Keys.RevokeAsync(Guid.NewGuid(), default));

        Assert.True((await Keys.FindAsync(key.Hash, default))!.Revoked);
    }

    [Fact]
    public async Task A_users_oldest_keys_go_and_the_newest_stay()
    {
        for (var i = 0; i < 4; i++)
        {
            await Keys.InsertAsync(Key($"{i}") with { Name = $"{i}", UserId = 1, CreatedAt = Samples.Noon.AddSeconds(i) }, default);
        }

        await Keys.InsertAsync(Key("other's") with { Name = "other's", UserId = 2 }, default);
        await Keys.InsertAsync(Key("nobody's") with { Name = "nobody's" }, default);

        await Keys.DeleteOldestOfUserAsync(1, keep: 2, default);
        Assert.Equal(["2", "3", "nobody's", "other's"], await NamesAsync());

        await Keys.DeleteOldestOfUserAsync(1, keep: 0, default);
        Assert.Equal(["nobody's", "other's"], await NamesAsync());

        async Task<IEnumerable<string>> NamesAsync() => (await Keys.ListAsync(default)).Select(key => key.Name).Order(StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_deleted_key_is_gone()
    {
        var key = Key("one");
        await Keys.InsertAsync(key, default);

        Assert.True(await Keys.DeleteAsync(key.Id, default));
        Assert.False(await Keys.DeleteAsync(key.Id, default));

        Assert.Empty(await Keys.ListAsync(default));
    }

    [Fact]
    public async Task Keys_are_listed_oldest_first()
    {
        var newer = Key("newer") with { CreatedAt = Samples.Noon.AddDays(1) };
        await Keys.InsertAsync(newer, default);
        await Keys.InsertAsync(Key("older"), default);

        Assert.Equal(["older", "newer"], (await Keys.ListAsync(default)).Select(key => key.Name));
    }

    [Fact]
    public async Task A_hash_of_another_length_is_no_hash() =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Keys.InsertAsync(Key("one") with { Hash = new byte[31] }, default));

    private static StoredKey Key(string name) => new()
    {
        Id = Guid.NewGuid(),
        Name = name,
        Hash = SHA256.HashData(Encoding.UTF8.GetBytes(name)),
        Scopes = "view lifecycle",
        CreatedAt = Samples.Noon,
    };

    private static void AssertSame(StoredKey expected, StoredKey? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.Hash.ToArray(), actual.Hash.ToArray());
        Assert.Equal(expected with { Hash = default }, actual with { Hash = default });
    }
}
