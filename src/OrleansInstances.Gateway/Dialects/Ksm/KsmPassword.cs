using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using OrleansInstances.Gateway.Auth;
using OrleansInstances.Storage.Keys;

namespace OrleansInstances.Gateway.Dialects.Ksm;

/// <summary>
/// The engine's password: the one of OI_KSM_PASSWORD, or else one whose hash is stored. A stored one that was good within
/// the last <see cref="KeyRing.Trust"/> costs no query.
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

        var seenAt = time.GetTimestamp();
        if (Volatile.Read(ref _known) is { } known
            && CryptographicOperations.FixedTimeEquals(hash, known.Key.Hash.Span)
            && time.GetElapsedTime(known.SeenAt, seenAt) < KeyRing.Trust
            && !IsOver(known.Key))
        {
            return true;
        }

        var found = await table.FindAsync(hash, cancellationToken);
        if (found is not { Scopes: ScopeWords.Ksm, Revoked: false } || IsOver(found) || !CryptographicOperations.FixedTimeEquals(hash, found.Hash.Span))
        {
            return false;
        }

        Volatile.Write(ref _known, new Known(found, seenAt));
        return true;
    }

    private bool IsOver(StoredKey key) => key.ExpiresAt <= time.GetUtcNow();

    private static byte[] Hash(string password) => SHA256.HashData(Encoding.UTF8.GetBytes(password));

    private sealed record Known(StoredKey Key, long SeenAt);
}
