using System.Security.Cryptography;
using System.Text;

namespace OrleansInstances.Gateway.Dialects.Chutes;

/// <summary>Text under AES-128-CBC with PKCS#7, as pods answer challenges. Keys and initial vectors are hexadecimal digits.</summary>
internal static class AesText
{
    private const int BlockBytes = 16;

    /// <summary>The text; null when any of it does not fit together.</summary>
    /// <param name="key">32 digits.</param>
    /// <param name="iv">32 digits.</param>
    /// <param name="ciphertext">Base64.</param>
    public static string? Decrypt(string key, string iv, string ciphertext)
    {
        try
        {
            var vector = Convert.FromHexString(iv);
            if (vector.Length != BlockBytes)
            {
                return null;
            }

            using var aes = Aes.Create();
            aes.Key = Convert.FromHexString(key);
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(aes.DecryptCbc(Convert.FromBase64String(ciphertext), vector));
        }
        catch (Exception error) when (error is FormatException or CryptographicException or DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>Base64 of a random initial vector and what it begins.</summary>
    /// <param name="key">16 bytes.</param>
    /// <param name="text">ASCII.</param>
    public static string Encrypt(byte[] key, string text)
    {
        using var aes = Aes.Create();
        aes.Key = key;
        var iv = RandomNumberGenerator.GetBytes(BlockBytes);
        return Convert.ToBase64String([.. iv, .. aes.EncryptCbc(Encoding.ASCII.GetBytes(text), iv)]);
    }
}
