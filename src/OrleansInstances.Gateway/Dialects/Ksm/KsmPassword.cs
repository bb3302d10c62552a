using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using OrleansInstances.Gateway.Auth;
using OrleansInstances.Storage;
using OrleansInstances.Storage.Keys;

namespace OrleansInstances.Gateway.Dialects.Ksm;

/// <summary>
/// The engine's password: the one of OI_KSM_PASSWORD, or else one whose hash is stored. A stored one is trusted as long as a
/// key: for <see cref="KeyRing.Trust"/> it costs no query, and for <see cref="KeyRing.Grace"/> while the table does not answer.
/// </summary>
internal sealed class KsmPassword(IKeyTable table, TimeProvider time, IOptions<GatewayOptions> options)
{
    private readonly byte[]? _configured = options.Value.KsmPassword is { } password ? Hash(password) : null;
    private Known? _known;

    /// <summary>Whether this is it; never for null.</summary>
    public async ValueTask<bool> IsAsync(string? password, CancellationToken cancellationToken)
    {
        if (password is null)
        {
            return false;
        }

        var hash = Hash(password);
        if (_configured is not null)
        {
            return CryptographicOperations.FixedTimeEquals(hash, _configured);
        }

        var askedAt = time.GetTimestamp();
        if (WasGood(hash, askedAt, KeyRing.Trust))
        {
            return true;
        }

        StoredKey? found;
        try
        {
            found = await table.FindAsync(hash, cancellationToken).WaitAsync(KeyRing.LookUpAtMost, time, cancellationToken);
        }
        catch (Exception error) when (error is StorageUnavailableException or StorageOverloadedException or TimeoutException && WasGood(hash, askedAt, KeyRing.Grace))
        {
            return true;
        }

        if (found is not { Scopes: ScopeWords.Ksm } || !IsGood(found, hash))
        {
            return false;
        }

        Volatile.Write(ref _known, new Known(found, askedAt));
        return true;
    }

    private bool WasGood(byte[] hash, long now, TimeSpan within) =>
        Volatile.Read(ref _known) is { } known && time.GetElapsedTime(known.SeenAt, now) < within && IsGood(known.Key, hash);

    private bool IsGood(StoredKey key, byte[] hash) =>
        CryptographicOperations.FixedTimeEquals(hash, key.Hash.Span) && key.IsGoodAt(time.GetUtcNow());

    private static byte[] Hash(string password) => SHA256.HashData(Encoding.UTF8.GetBytes(password));

    private sealed record Known(StoredKey Key, long SeenAt);
}
