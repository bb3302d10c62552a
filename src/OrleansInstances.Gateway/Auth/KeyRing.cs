using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using OrleansInstances.Storage;
using OrleansInstances.Storage.Keys;
using OrleansInstances.Storage.Users;

namespace OrleansInstances.Gateway.Auth;

/// <summary>
/// The keys that open this gateway, by hash. A key that was good within the last <see cref="Trust"/> costs one SHA-256 and
/// no query; so long may a revocation elsewhere take to be seen here. While the table does not answer, what was good within
/// the last <see cref="Grace"/> still is: nobody could be told of its revocation anyway.
/// </summary>
internal sealed class KeyRing
{
    public static readonly TimeSpan Trust = TimeSpan.FromSeconds(30);

    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(10);

    /// <summary>How long a look-up is waited for.</summary>
    private static readonly TimeSpan LookUpAtMost = TimeSpan.FromSeconds(2);

    /// <summary>When to ask a table again that did not answer.</summary>
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(1);

    /// <summary>Users' sessions come and go; with more keys than this, all are looked up anew.</summary>
    private const int MaxKnown = 100_000;

    private readonly IKeyTable _table;
    private readonly IUserTable _users;
    private readonly TimeProvider _time;
    private readonly byte[]? _bootstrap;

    /// <summary>Good keys only. The first 8 bytes of a hash find it, all 32 are compared.</summary>
    private volatile ConcurrentDictionary<long, KnownKey> _known = new();

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

        return RecallKey(hash)?.Caller;
    }

    /// <summary>Who a key belongs to; null when it opens nothing. Done at once where memory says.</summary>
    /// <exception cref="StorageUnavailableException">The table does not answer, and the key is not known well enough to do without.</exception>
    public ValueTask<Caller?> FindAsync(string key, CancellationToken cancellationToken)
    {
        if (!ApiKey.IsWellFormed(key))
        {
            return default;
        }

        Span<byte> hash = stackalloc byte[ApiKey.HashBytes];
        ApiKey.Hash(key, hash);
        return Recall(hash) is { } caller ? new(caller) : new(FindAsync(hash.ToArray(), cancellationToken));
    }

    /// <summary>Who a key belongs to, as the table says; null when it opens nothing.</summary>
    /// <inheritdoc cref="FindAsync(string, CancellationToken)" path="/exception"/>
    public async Task<Caller?> FindAsync(byte[] hash, CancellationToken cancellationToken) =>
        (await FindKeyAsync(hash, cancellationToken))?.Caller;

    /// <summary>A stored key as long as it is good, whatever it opens; trusted like all others.</summary>
    /// <inheritdoc cref="FindAsync(string, CancellationToken)" path="/exception"/>
    public async ValueTask<StoredKey?> FindStoredAsync(byte[] hash, CancellationToken cancellationToken) =>
        (RecallKey(hash) ?? await FindKeyAsync(hash, cancellationToken))?.Key;

    private KnownKey? RecallKey(ReadOnlySpan<byte> hash) =>
        KnownIn(_known, hash) is { } known
        && _time.GetElapsedTime(known.AskedAt) < (known.AskedAt == known.SeenAt ? Trust : AskAgainAfter)
            ? known
            : null;

    private async Task<KnownKey?> FindKeyAsync(byte[] hash, CancellationToken cancellationToken)
    {
        // The dictionary of before the look-up: what a change made untrue meanwhile goes with it.
        var known = _known;
        var askedAt = _time.GetTimestamp();
        try
        {
            var found = await LookUpAsync(hash, askedAt, cancellationToken).WaitAsync(LookUpAtMost, _time, cancellationToken);
            Keep(known, hash, found);
            return found;
        }
        catch (Exception error) when (error is StorageUnavailableException or StorageOverloadedException or TimeoutException)
        {
            if (KnownIn(known, hash) is { } last && _time.GetElapsedTime(last.SeenAt, askedAt) < Grace)
            {
                Keep(known, hash, last with { AskedAt = askedAt });
                return last;
            }

            if (error is TimeoutException)
            {
                throw new StorageUnavailableException($"The table of keys did not answer within {LookUpAtMost.TotalSeconds} s.");
            }

            throw;
        }
    }

    /// <summary>Makes a change of keys or users that was made here count at once.</summary>
    public void Forget() => _known = new();

    private static Caller BootstrapCaller { get; } = new() { Name = "OI_API_KEY", Scopes = Scopes.All };

    private async Task<KnownKey?> LookUpAsync(byte[] hash, long askedAt, CancellationToken cancellationToken) =>
        await _table.FindAsync(hash, cancellationToken) is { } key
        && CryptographicOperations.FixedTimeEquals(hash, key.Hash.Span)
        && key.IsGoodAt(_time.GetUtcNow())
            ? new KnownKey(key, await CallerOfAsync(key, cancellationToken), askedAt, askedAt)
            : null;

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

        if (ScopeWords.Parse(key.Scopes) is not (var scopes and not Scopes.None))
        {
            return null;
        }

        var caller = new Caller { Name = key.Name, KeyId = key.Id, Scopes = scopes, OnlyOwner = key.Owner, OnlyLabels = key.Labels };

        // A limited key that made other keys would not be limited, whoever stored it.
        return caller.IsLimited ? caller with { Scopes = scopes & ~Scopes.Admin } : caller;
    }

    /// <summary>What is remembered of a key that is not over by now.</summary>
    private KnownKey? KnownIn(ConcurrentDictionary<long, KnownKey> known, ReadOnlySpan<byte> hash) =>
        known.TryGetValue(Slot(hash), out var found)
        && CryptographicOperations.FixedTimeEquals(hash, found.Key.Hash.Span)
        && found.Key.IsGoodAt(_time.GetUtcNow())
            ? found
            : null;

    private static void Keep(ConcurrentDictionary<long, KnownKey> known, ReadOnlySpan<byte> hash, KnownKey? key)
    {
        if (key is null)
        {
            known.TryRemove(Slot(hash), out _);
            return;
        }

        if (known.Count >= MaxKnown)
        {
            known.Clear();
        }

        known[Slot(hash)] = key;
    }

    private static long Slot(ReadOnlySpan<byte> hash) => BinaryPrimitives.ReadInt64LittleEndian(hash);

    /// <param name="Caller">Null for a key that opens nothing by itself.</param>
    /// <param name="SeenAt">When the table was last asked and said that it is good.</param>
    /// <param name="AskedAt">When the table was last asked; later than that while it does not answer.</param>
    private sealed record KnownKey(StoredKey Key, Caller? Caller, long SeenAt, long AskedAt);
}
