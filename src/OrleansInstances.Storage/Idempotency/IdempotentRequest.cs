using System.Security.Cryptography;
using System.Text;

namespace OrleansInstances.Storage.Idempotency;

/// <summary>A request as its sender named it. Equal ones are the same request.</summary>
/// <param name="KeyId">Of the API key that it came with: names of two keys never meet.</param>
/// <param name="Method">Of HTTP.</param>
/// <param name="Path">As it was sent.</param>
/// <param name="Name">The sender's, of any length.</param>
public sealed record IdempotentRequest(Guid KeyId, string Method, string Path, string Name)
{
    /// <summary>Method, path and name in 32 bytes: they have no bound that an index could hold.</summary>
    internal byte[] Hash() => SHA256.HashData(Encoding.UTF8.GetBytes($"{Method} {Path}\n{Name}"));
}
