using OrleansInstances.Storage.Keys;
using OrleansInstances.Storage.Users;

namespace OrleansInstances.Gateway.Auth;

/// <summary>Gives users session keys for their passwords. Whether an address may try at all is <see cref="KeyFailures"/>' to say.</summary>
internal sealed class UserLogin(IUserTable users, IKeyTable keys, PasswordHasher hasher, TimeProvider time)
{
    /// <summary>Sessions of one user that are good at a time; one more ends the oldest.</summary>
    public const int MaxSessions = 20;

    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(30);

    /// <summary>A new session's key, a UUID as text; null when name or password is wrong, which take the same time.</summary>
    /// <exception cref="PasswordsOverloadedException">Too many log in at once.</exception>
    public async Task<string?> LogInAsync(string name, string password, CancellationToken cancellationToken)
    {
        if (password.Length > UserRules.MaxPasswordLength)
        {
            return null;
        }

        var user = await users.FindAsync(name, cancellationToken);
        var right = await hasher.MatchesAsync(password, user?.PasswordHash ?? PasswordHash.OfNobody, cancellationToken);
        return right && user is not null ? await OpenSessionAsync(user, cancellationToken) : null;
    }

    private async Task<string?> OpenSessionAsync(StoredUser user, CancellationToken cancellationToken)
    {
        var key = Guid.NewGuid().ToString();
        var now = time.GetUtcNow();
        var session = new StoredKey
        {
            Id = Guid.NewGuid(),
            Name = user.Name,
            Hash = ApiKey.Hash(key),
            Scopes = ScopeWords.User,
            UserId = user.Id,
            CreatedAt = now,
            ExpiresAt = now + Lifetime,
        };
        await keys.InsertAsync(session, cancellationToken);

        // A password that was changed after it was checked has ended all sessions that it could see; this one may be younger.
        if ((await users.FindAsync(user.Id, cancellationToken))?.PasswordHash != user.PasswordHash)
        {
            await keys.DeleteAsync(session.Id, cancellationToken);
            return null;
        }

        await keys.DeleteOldestOfUserAsync(user.Id, MaxSessions, cancellationToken);
        return key;
    }
}
