using OrleansInstances.Storage.Keys;
using OrleansInstances.Storage.Users;

namespace OrleansInstances.Gateway.Auth.Users;

/// <summary>Makes, changes and removes users. Whoever gets a new password, or goes, is logged out everywhere.</summary>
internal sealed class UserDesk(IUserTable users, IKeyTable keys, PasswordHasher hasher, KeyRing ring, TimeProvider time) : IDisposable
{
    /// <summary>A change reads the user and writes it whole: one at a time, or the older password could come back.</summary>
    private readonly SemaphoreSlim _changing = new(1);

    /// <summary>Null when the name is taken.</summary>
    public async Task<StoredUser?> AddAsync(string name, string password, bool administrator, CancellationToken cancellationToken)
    {
        var user = new StoredUser
        {
            Name = name,
            PasswordHash = await hasher.HashAsync(password, cancellationToken),
            IsAdministrator = administrator,
            CreatedAt = time.GetUtcNow(),
        };
        return await users.InsertAsync(user, cancellationToken);
    }

    /// <summary>Changes what is given; null when there is no such user.</summary>
    public async Task<StoredUser?> ChangeAsync(int id, string? password, bool? administrator, CancellationToken cancellationToken)
    {
        var hash = password is null ? null : await hasher.HashAsync(password, cancellationToken);
        await _changing.WaitAsync(cancellationToken);
        try
        {
            if (await users.FindAsync(id, cancellationToken) is not { } before)
            {
                return null;
            }

            var user = before with { PasswordHash = hash ?? before.PasswordHash, IsAdministrator = administrator ?? before.IsAdministrator };
            // The sessions first: a fault between the two leaves nobody logged in whose password is to be gone.
            if (hash is not null)
            {
                await keys.DeleteOldestOfUserAsync(id, keep: 0, cancellationToken);
            }

            if (!await users.UpdateAsync(user, cancellationToken))
            {
                return null;
            }

            // And again, for who has logged in between with the old one.
            if (hash is not null)
            {
                await keys.DeleteOldestOfUserAsync(id, keep: 0, CancellationToken.None);
            }

            return user;
        }
        finally
        {
            ring.Forget();
            _changing.Release();
        }
    }

    /// <summary>False when there is no such user.</summary>
    public async Task<bool> RemoveAsync(int id, CancellationToken cancellationToken)
    {
        try
        {
            return await users.DeleteAsync(id, cancellationToken);
        }
        finally
        {
            ring.Forget();
        }
    }

    /// <summary>False when there is no such user.</summary>
    public async Task<bool> PermitAsync(int id, Guid instanceId, InstancePermissions permissions, CancellationToken cancellationToken)
    {
        try
        {
            return await users.SetPermissionsAsync(id, instanceId, permissions, cancellationToken);
        }
        finally
        {
            ring.Forget();
        }
    }

    public void Dispose() => _changing.Dispose();
}
