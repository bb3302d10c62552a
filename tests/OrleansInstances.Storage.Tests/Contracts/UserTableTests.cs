using System.Security.Cryptography;
using System.Text;
using OrleansInstances.Storage.Keys;
using OrleansInstances.Storage.Users;

namespace OrleansInstances.Storage.Tests.Contracts;

public abstract class UserTableTests : StoreTests
{
    private IUserTable Users => Store.Part<IUserTable>();

    [Fact]
    public async Task A_user_is_found_by_id_and_by_name_as_it_was_inserted()
    {
        var user = User("'; DROP TABLE users; --") with { IsAdministrator = true };

        var inserted = await Users.InsertAsync(user, default);

        Assert.Equal(user with { Id = 1 }, inserted);
        Assert.Equal(inserted, await Users.FindAsync(1, default));
        Assert.Equal(inserted, await Users.FindAsync(user.Name, default));
    }

    [Fact]
    public async Task Whoever_is_not_there_is_not_found()
    {
        await Users.InsertAsync(User("ann"), default);

        Assert.Null(await Users.FindAsync(2, default));
        Assert.Null(await Users.FindAsync("Ann", default));
        Assert.False(await Users.UpdateAsync(User("bob") with { Id = 2 }, default));
        Assert.False(await Users.DeleteAsync(2, default));
        Assert.False(await Users.SetPermissionsAsync(2, Guid.NewGuid(), InstancePermissions.All, default));
        Assert.False(await Users.SetPermissionsAsync(2, Guid.NewGuid(), InstancePermissions.None, default));
        Assert.Empty(await Users.ListPermissionsAsync(2, default));
    }

    [Fact]
    public async Task A_name_is_taken_once()
    {
        await Users.InsertAsync(User("ann"), default);

        Assert.Null(await Users.InsertAsync(User("ann") with { PasswordHash = "other" }, default));

        Assert.Equal("hash", Assert.Single(await Users.ListAsync(default)).PasswordHash);
    }

    [Fact]
    public async Task Users_are_listed_by_id_and_an_id_is_not_given_again()
    {
        await Users.InsertAsync(User("b"), default);
        var last = await Users.InsertAsync(User("a"), default);
        Assert.True(await Users.DeleteAsync(last!.Id, default));
        await Users.InsertAsync(User("0"), default);

        Assert.Equal([(1, "b"), (3, "0")], (await Users.ListAsync(default)).Select(user => (user.Id, user.Name)));
    }

    [Fact]
    public async Task An_update_changes_password_and_administrator_and_nothing_else()
    {
        var user = (await Users.InsertAsync(User("ann"), default))!;

        Assert.True(await Users.UpdateAsync(new() { Id = user.Id, Name = "x", PasswordHash = "new", IsAdministrator = true, CreatedAt = default }, default));

        Assert.Equal(user with { PasswordHash = "new", IsAdministrator = true }, await Users.FindAsync(user.Id, default));
    }

    [Fact]
    public async Task Permissions_are_replaced_and_removed_by_instance()
    {
        var user = (await Users.InsertAsync(User("ann"), default))!;
        var (one, two) = (Guid.NewGuid(), Guid.NewGuid());
        Assert.True(await Users.SetPermissionsAsync(user.Id, one, InstancePermissions.All, default));
        Assert.True(await Users.SetPermissionsAsync(user.Id, two, InstancePermissions.View, default));

        Assert.True(await Users.SetPermissionsAsync(user.Id, one, InstancePermissions.View | InstancePermissions.Console, default));
        Assert.True(await Users.SetPermissionsAsync(user.Id, two, InstancePermissions.None, default));

        var held = Assert.Single(await Users.ListPermissionsAsync(user.Id, default));
        Assert.Equal((one, InstancePermissions.View | InstancePermissions.Console), (held.Key, held.Value));
    }

    [Fact]
    public async Task A_deleted_user_takes_its_permissions_and_keys_along_and_nobody_elses()
    {
        var ann = (await Users.InsertAsync(User("ann"), default))!;
        var bob = (await Users.InsertAsync(User("bob"), default))!;
        var keys = Store.Part<IKeyTable>();
        foreach (var user in (StoredUser[])[ann, bob])
        {
            await Users.SetPermissionsAsync(user.Id, Guid.NewGuid(), InstancePermissions.View, default);
            Assert.True(await keys.InsertAsync(Key(user), default));
        }

        Assert.True(await Users.DeleteAsync(ann.Id, default));

        Assert.Equal(bob.Id, Assert.Single(await keys.ListAsync(default)).UserId);
        Assert.Empty(await Users.ListPermissionsAsync(ann.Id, default));
        Assert.Single(await Users.ListPermissionsAsync(bob.Id, default));
        Assert.Equal(1, await CountAsync("user_permissions"));
    }

    private static StoredUser User(string name) => new() { Name = name, PasswordHash = "hash", CreatedAt = Samples.Noon };

    private static StoredKey Key(StoredUser user) => new()
    {
        Id = Guid.NewGuid(),
        Name = user.Name,
        Hash = SHA256.HashData(Encoding.UTF8.GetBytes(user.Name)),
        Scopes = "view",
        UserId = user.Id,
        CreatedAt = Samples.Noon,
    };
}
