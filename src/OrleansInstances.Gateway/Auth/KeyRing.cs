using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using OrleansInstances.Storage.Keys;

namespace OrleansInstances.Gateway.Auth;

/// <summary>
/// The keys that open this gateway, by hash. A key that was good within the last <see cref="Trust"/> costs one SHA-256 and
/// no query; so long may a revocation elsewhere take to be seen here.
/// </summary>
internal sealed class KeyRing
{
    public static readonly TimeSpan Trust = TimeSpan.FromSeconds(30);

    private readonly IKeyTable _table;
    private readonly TimeProvider _time;
    private readonly byte[]? _bootstrap;

    /// <summary>Good keys only, so no more than the table has. The first 8 bytes of a hash find it, all 32 are compared.</summary>
    private readonly ConcurrentDictionary<long, KnownKey> _known = new();

    public KeyRing(IKeyTable table, TimeProvider time, IOptions<GatewayOptions> options)
    {
        _table = table;
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
        if (key is null || !CryptographicOperations.FixedTimeEquals(hash, key.Hash.Span) || key.Revoked || IsOver(key) || !KeyScopes.OpensApi(key.Scopes))
        {
            _known.TryRemove(Slot(hash), out _);
            return null;
        }

        var caller = new Caller(key.Owner ?? Caller.Administrator, key.Id);
        _known[Slot(hash)] = new KnownKey(key, caller, seenAt);
        return caller;
    }

    private static Caller BootstrapCaller { get; } = new(Caller.Administrator, KeyId: null);

    private bool IsOver(StoredKey key) => key.ExpiresAt <= _time.GetUtcNow();

    private static long Slot(ReadOnlySpan<byte> hash) => BinaryPrimitives.ReadInt64LittleEndian(hash);

    private sealed record KnownKey(StoredKey Key, Caller Caller, long SeenAt);
}
