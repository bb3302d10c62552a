using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using OrleansInstances.Hotkeys;

namespace OrleansInstances.Testing;

/// <summary>A miner's key pair, made anew. It signs with the parts that check signatures, which other tests hold against other implementations.</summary>
public sealed class TestHotkey
{
    private const string Digits = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

    private static readonly BigInteger GroupOrder =
        (BigInteger.One << 252) + BigInteger.Parse("27742317777372353535851937790883648493", CultureInfo.InvariantCulture);

    private readonly BigInteger _secret = RandomScalar();
    private readonly byte[] _publicKey;

    public TestHotkey()
    {
        _publicKey = TimesBase(_secret);
        Address = AddressOf(_publicKey);
    }

    public string Address { get; }

    /// <summary>64 bytes as hexadecimal digits.</summary>
    public string Sign(string message)
    {
        var nonce = RandomScalar();
        var commitment = TimesBase(nonce);
        var transcript = new Transcript("SigningContext"u8);
        transcript.Append(""u8, "substrate"u8);
        transcript.Append("sign-bytes"u8, Encoding.UTF8.GetBytes(message));
        transcript.Append("proto-name"u8, "Schnorr-sig"u8);
        transcript.Append("sign:pk"u8, _publicKey);
        transcript.Append("sign:R"u8, commitment);
        var challenge = new byte[64];
        transcript.Challenge("sign:c"u8, challenge);

        var scalar = Bytes(((new BigInteger(challenge, isUnsigned: true) * _secret) + nonce) % GroupOrder);
        scalar[^1] |= 0x80;
        return Convert.ToHexStringLower([.. commitment, .. scalar]);
    }

    /// <summary>The headers of a request that is signed for a purpose.</summary>
    public IReadOnlyDictionary<string, string> For(string purpose, DateTimeOffset now) => Headers(purpose, now);

    /// <summary>The headers of a request that is signed with its body.</summary>
    public IReadOnlyDictionary<string, string> WithBody(string body, DateTimeOffset now) =>
        Headers(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body))), now);

    private Dictionary<string, string> Headers(string subject, DateTimeOffset now)
    {
        var nonce = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return new()
        {
            ["X-Chutes-Hotkey"] = Address,
            ["X-Chutes-Nonce"] = nonce,
            ["X-Chutes-Signature"] = Sign($"{Address}:{nonce}:{subject}"),
        };
    }

    private static string AddressOf(byte[] publicKey)
    {
        byte[] body = [42, .. publicKey];
        var hash = new byte[64];
        Sodium.HashBlake2b([.. "SS58PRE"u8, .. body], hash);
        var number = new BigInteger([.. body, .. hash[..2]], isUnsigned: true, isBigEndian: true);
        var text = new StringBuilder();
        for (; number > 0; number /= Digits.Length)
        {
            text.Insert(0, Digits[(int)(number % Digits.Length)]);
        }

        return text.ToString();
    }

    private static BigInteger RandomScalar() => new BigInteger(RandomNumberGenerator.GetBytes(64), isUnsigned: true) % GroupOrder;

    private static byte[] TimesBase(BigInteger scalar)
    {
        var product = new byte[Sodium.ElementBytes];
        return Sodium.MultiplyBase(product, Bytes(scalar)) == 0 ? product : throw new ArgumentOutOfRangeException(nameof(scalar));
    }

    private static byte[] Bytes(BigInteger scalar)
    {
        var bytes = new byte[Sodium.ScalarBytes];
        scalar.TryWriteBytes(bytes, out _, isUnsigned: true);
        return bytes;
    }
}
