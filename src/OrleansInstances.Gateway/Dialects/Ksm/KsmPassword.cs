using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using OrleansInstances.Gateway.Auth;

namespace OrleansInstances.Gateway.Dialects.Ksm;

/// <summary>The engine's password: the one of OI_KSM_PASSWORD, or else one whose hash is stored among the keys, and trusted as they are.</summary>
internal sealed class KsmPassword(KeyRing ring, IOptions<GatewayOptions> options)
{
    private readonly byte[]? _configured = options.Value.KsmPassword is { } password ? Hash(password) : null;

    /// <summary>Whether this is it; never for null.</summary>
    public async ValueTask<bool> IsAsync(string? password, CancellationToken cancellationToken)
    {
        if (password is null)
        {
            return false;
        }

        var hash = Hash(password);
        return _configured is null
            ? await ring.FindStoredAsync(hash, cancellationToken) is { Scopes: ScopeWords.Ksm }
            : CryptographicOperations.FixedTimeEquals(hash, _configured);
    }

    private static byte[] Hash(string password) => SHA256.HashData(Encoding.UTF8.GetBytes(password));
}
