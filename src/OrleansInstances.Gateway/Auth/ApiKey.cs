using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace OrleansInstances.Gateway.Auth;

/// <summary>The text of an API key, and what is kept of it.</summary>
public static class ApiKey
{
    public const int MaxLength = 256;

    /// <summary>Bytes of a key's SHA-256.</summary>
    public const int HashBytes = SHA256.HashSizeInBytes;

    private static readonly SearchValues<char> Characters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~-");

    public static bool IsWellFormed(ReadOnlySpan<char> key) =>
        key.Length is > 0 and <= MaxLength && !key.ContainsAnyExcept(Characters);

    /// <summary>A new key: <c>oi_</c> and 32 random bytes in base64url.</summary>
    public static string Create() => "oi_" + CreateSecret();

    /// <summary>32 random bytes in base64url.</summary>
    public static string CreateSecret() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>Writes the SHA-256 of a well-formed key's text.</summary>
    /// <param name="hash"><see cref="HashBytes"/> long.</param>
    public static void Hash(ReadOnlySpan<char> key, Span<byte> hash)
    {
        Span<byte> text = stackalloc byte[MaxLength];
        SHA256.HashData(text[..Encoding.ASCII.GetBytes(key, text)], hash);
    }

    public static byte[] Hash(string key)
    {
        var hash = new byte[HashBytes];
        Hash(key, hash);
        return hash;
    }
}
