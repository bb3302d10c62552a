using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;

namespace OrleansInstances.Gateway.Auth;

/// <summary>
/// What is kept of a password: <c>pbkdf2-sha256$iterations$salt$hash</c>, the last two in base64url. The iterations stand
/// in it, so that a later release may ask for more while the old ones still open.
/// </summary>
internal static class PasswordHash
{
    /// <summary>Iterations of a new hash: about a fifth of a second of one core, so that guessing is dear.</summary>
    public const int DefaultIterations = 600_000;

    private const string Scheme = "pbkdf2-sha256";
    private const int SaltBytes = 16;
    private const int HashBytes = SHA256.HashSizeInBytes;

    /// <summary>What no password matches; to check against it costs as much as against any other.</summary>
    public static string OfNobody { get; } =
        Format(DefaultIterations, RandomNumberGenerator.GetBytes(SaltBytes), RandomNumberGenerator.GetBytes(HashBytes));

    /// <summary>Hashes a password with a new salt.</summary>
    public static string Create(string password, int iterations = DefaultIterations)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return Format(iterations, salt, Derive(password, salt, iterations));
    }

    /// <summary>Whether the stored text is this password's.</summary>
    /// <exception cref="FormatException">The stored text is no hash of this scheme.</exception>
    public static bool Matches(string password, string stored)
    {
        if (stored.Split('$') is not [Scheme, var iterations, var salt, var hash]
            || !int.TryParse(iterations, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            throw new FormatException("A stored password is not of the form scheme$iterations$salt$hash.");
        }

        return CryptographicOperations.FixedTimeEquals(
            Derive(password, Base64Url.DecodeFromChars(salt), count), Base64Url.DecodeFromChars(hash));
    }

    private static byte[] Derive(string password, byte[] salt, int iterations) =>
        Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, HashAlgorithmName.SHA256, HashBytes);

    private static string Format(int iterations, byte[] salt, byte[] hash) =>
        string.Create(CultureInfo.InvariantCulture, $"{Scheme}${iterations}${Base64Url.EncodeToString(salt)}${Base64Url.EncodeToString(hash)}");
}
