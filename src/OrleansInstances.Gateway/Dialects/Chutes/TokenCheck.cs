using System.Security.Cryptography;
using System.Text;

namespace OrleansInstances.Gateway.Dialects.Chutes;

/// <summary>
/// What an address is told: a validator has a miner fetch it, and compares it with that of the address that the miner says
/// it has.
/// </summary>
internal static class TokenCheck
{
    /// <summary>RFC 9562's name space of object identifiers.</summary>
    private static readonly Guid ObjectIds = new("6ba7b812-9dad-11d1-80b4-00c04fd430c8");

    /// <param name="address">As the proxy in front of us says; empty when it says nothing.</param>
    /// <param name="secret">That nobody else can make the same.</param>
    /// <param name="salt">The validator's; null or empty for none.</param>
    public static Guid Of(string address, string secret, string? salt) =>
        Uuid5(ObjectIds, string.IsNullOrEmpty(salt) ? $"{address}:{secret}" : $"{address}:{secret}:{salt}");

    private static Guid Uuid5(Guid space, string name)
    {
        // SHA-1 is what version 5 is made of; the secret in the name keeps it from being guessed.
#pragma warning disable CA5350
        Span<byte> hash = SHA1.HashData([.. space.ToByteArray(bigEndian: true), .. Encoding.UTF8.GetBytes(name)]);
#pragma warning restore CA5350
        hash[6] = (byte)((hash[6] & 0x0F) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}
