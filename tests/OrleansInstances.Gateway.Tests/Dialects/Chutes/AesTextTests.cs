using OrleansInstances.Gateway.Dialects.Chutes;

namespace OrleansInstances.Gateway.Tests.Dialects.Chutes;

public sealed class AesTextTests
{
    private const string Key = "00112233445566778899aabbccddeeff";
    private const string Iv = "0f0e0d0c0b0a09080706050403020100";
    private const string Ciphertext = "5gpMBpvPjUYTbYAopOlj7au7Y1HspqYGRl7DAxHFU/gmWBNCfRIFjNwRWvLTukQYd9sbn3+Oi9TszlF0MnfYZhtdEurSIrlXcn2I8J97pGY=";

    [Fact]
    public void The_public_vectors_are_decrypted()
    {
        Assert.Equal("secret is 11111111-1111-4111-8111-111111111111 1234567890123456789", AesText.Decrypt(Key, Iv, Ciphertext));
        Assert.Equal("response from tcp 2222", AesText.Decrypt(Key, Iv, "7GWDTgBVR/D39Z2r43W2E6naAEKeN42t/1RP48330MM="));
    }

    [Fact]
    public void What_it_encrypts_is_decrypted_again()
    {
        var sealedText = Convert.FromBase64String(AesText.Encrypt(Convert.FromHexString(Key), "text"));

        Assert.Equal("text", AesText.Decrypt(Key, Convert.ToHexString(sealedText[..16]), Convert.ToBase64String(sealedText[16..])));
    }

    [Theory]
    [InlineData("", Iv, Ciphertext)]
    [InlineData("00", Iv, Ciphertext)]
    [InlineData("ffffffffffffffffffffffffffffffff", Iv, Ciphertext)]
    [InlineData(Key, "", Ciphertext)]
    [InlineData(Key, "0f0e", Ciphertext)]
    [InlineData(Key, "zz0e0d0c0b0a09080706050403020100", Ciphertext)]
    [InlineData(Key, Iv, "")]
    [InlineData(Key, Iv, "####")]
    [InlineData(Key, Iv, "AAAA")]
    [InlineData(Key, Iv, "5gpMBpvPjUYTbYAopOlj7Q==")]
    public void What_does_not_fit_together_is_no_text(string key, string iv, string ciphertext) => Assert.Null(AesText.Decrypt(key, iv, ciphertext));
}
