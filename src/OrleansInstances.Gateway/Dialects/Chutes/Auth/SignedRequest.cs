using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OrleansInstances.Gateway.Dialects.Chutes.Auth;

/// <summary>What a signed request says of itself, in its headers.</summary>
/// <param name="Hotkey">Who says it, an ss58 address.</param>
/// <param name="Nonce">When, in unix seconds.</param>
/// <param name="Signature">64 bytes as hexadecimal digits.</param>
internal sealed record SignedRequest(string Hotkey, string Nonce, string Signature)
{
    /// <summary>How far a request's clock may be from ours, to either side and not more.</summary>
    private const long NonceWindowSeconds = 600;

    private const int LongestNonce = 18;

    /// <summary>Null for one that is not signed.</summary>
    public static SignedRequest? Of(IHeaderDictionary headers)
    {
        var (hotkey, signature) = (One("X-Chutes-Hotkey"), One("X-Chutes-Signature"));
        return hotkey.Length > 0 && signature.Length > 0 ? new(hotkey, One("X-Chutes-Nonce"), signature) : null;

        // A header sent twice is none.
        string One(string name) => headers[name] is [{ } only] ? only : "";
    }

    /// <summary>Whether it is of now. The same one may come again within the window: its nonce is of a whole second, and parallel requests share it.</summary>
    public bool IsOf(DateTimeOffset now) =>
        Nonce.Length is > 0 and <= LongestNonce
        && Nonce.All(char.IsAsciiDigit)
        && Math.Abs(now.ToUnixTimeSeconds() - long.Parse(Nonce, CultureInfo.InvariantCulture)) < NonceWindowSeconds;

    /// <summary>The text that was signed.</summary>
    /// <param name="purpose">Of a route that has one; the body is not part of it then.</param>
    /// <param name="body">Exactly as it came.</param>
    public string Message(string? purpose, ReadOnlySpan<byte> body) =>
        $"{Hotkey}:{Nonce}:{purpose ?? Convert.ToHexStringLower(SHA256.HashData(body))}";

    /// <summary>The signed text as polkadot.js wraps what a person signs.</summary>
    public static byte[] Wrap(string message) => Encoding.UTF8.GetBytes($"<Bytes>{message}</Bytes>");
}
