using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using OrleansInstances.Storage.Keys;
using OrleansInstances.Storage.Users;

namespace OrleansInstances.Gateway.Auth;

/// <summary>
/// The keys that open this gateway, by hash. A key that was good within the last <see cref="Trust"/> costs one SHA-256 and
/// no query; so long may a revocation elsewhere take to be seen here.
/// </summary>
internal sealed class KeyRing
{
    /// <summary>How long a revocation in another process may take to be seen here.</summary>
    public static readonly TimeSpan Trust = TimeSpan.FromSeconds(30);

    private readonly IKeyTable _table;
    private readonly IUserTable _users;
    private readonly TimeProvider _time;
    private readonly byte[]? _bootstrap;

    /// <summary>Good keys only, so no more than the table has. The first 8 bytes of a hash find it, all 32 are compared.</summary>
    private readonly ConcurrentDictionary<long, KnownKey> _known = new();

    public KeyRing(IKeyTable table, IUserTable users, TimeProvider time, IOptions<GatewayOptions> options)
    {
        _table = table;
        _users = users;
        _time = time;
        _bootstrap = options.Value.ApiKey is { } key ? ApiKey.Hash(key) : null;
    }

    /// <summary>Who a key belongs to, from memory alone; null when that does not say.</summary>
    public Caller? Recall(ReadOnlySpan<byte> hash)
    {
        if (_bootstrap is not null && CryptographicOperations.FixedTimeEquals(hash, _bootstrap))
        {
            return BootstrapCaller;
        }

        return _known.TryGetValue(Slot(hash), out var known)
            && CryptographicOperations.FixedTimeEquals(hash, known.Key.Hash.Span)
            && _time.GetElapsedTime(known.SeenAt) < Trust
            && !IsOver(known.Key)
                ? known.Caller
                : null;
    }

    /// <summary>Who a key belongs to, as the table says; null when it opens nothing.</summary>
    public async Task<Caller?> FindAsync(byte[] hash, CancellationToken cancellationToken)
    {
        var seenAt = _time.GetTimestamp();
        var key = await _table.FindAsync(hash, cancellationToken);
        if (key is null
            || !CryptographicOperations.FixedTimeEquals(hash, key.Hash.Span)
            || key.Revoked
            || IsOver(key)
            || await CallerOfAsync(key, cancellationToken) is not { } caller)
        {
            _known.TryRemove(Slot(hash), out _);
            return null;
        }

        _known[Slot(hash)] = new KnownKey(key, caller, seenAt);
        return caller;
    }

    /// <summary>Makes a change of keys or users that was made here count at once.</summary>
    public void Forget() => _known.Clear();

    private static Caller BootstrapCaller { get; } = new() { Name = "OI_API_KEY", Scopes = Scopes.All };

    /// <summary>Null for what opens nothing by itself: the ksm dialect's engine password, or a user who is gone.</summary>
    private async Task<Caller?> CallerOfAsync(StoredKey key, CancellationToken cancellationToken)
    {
        if (key.UserId is { } userId)
        {
            return await _users.FindAsync(userId, cancellationToken) is { } user
                ? new Caller
                {
                    Name = user.Name,
                    KeyId = key.Id,
                    UserId = user.Id,
                    Scopes = user.IsAdministrator ? Scopes.All : Scopes.None,
                    Permissions = user.IsAdministrator ? null : await _users.ListPermissionsAsync(userId, cancellationToken),
                }
                : null;
        }

        return ScopeWords.Parse(key.Scopes) is var scopes and not Scopes.None
            ? new Caller { Name = key.Name, KeyId = key.Id, Scopes = scopes, OnlyOwner = key.Owner, OnlyLabels = key.Labels }
            : null;
    }

    private bool IsOver(StoredKey key) => key.ExpiresAt <= _time.GetUtcNow();

    private static long Slot(ReadOnlySpan<byte> hash) => BinaryPrimitives.ReadInt64LittleEndian(hash);

    private sealed record KnownKey(StoredKey Key, Caller Caller, long SeenAt);
}
