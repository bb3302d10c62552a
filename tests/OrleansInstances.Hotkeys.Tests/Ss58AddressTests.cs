namespace OrleansInstances.Hotkeys.Tests;

public sealed class Ss58AddressTests
{
    [NeedsSodiumFact]
    public void An_address_is_its_public_key() => Assert.All(Vectors.All, vector => Assert.Equal(vector.PublicKey, Parse(vector.Address)));

    /// <summary>One of Polkadot's, one with a digit changed, cut short, too long, with characters that are no digits, and with zero bytes before it.</summary>
    [NeedsSodiumTheory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("12bzRJfh7arnnfPPUZHeJUaE62QLEwhK48QnH9LXeK2m1iZU")]
    [InlineData("5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzW")]
    [InlineData("5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRz")]
    [InlineData("5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzVV")]
    [InlineData("5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRz0")]
    [InlineData("5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1Eq zV")]
    [InlineData("15DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV")]
    [InlineData("11111111111111111111111111111111111")]
    [InlineData("zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz")]
    public void What_is_no_address_is_refused(string text) => Assert.Null(Parse(text));

    private static byte[]? Parse(string text)
    {
        var publicKey = new byte[Sr25519.PublicKeyBytes];
        return Ss58Address.TryParse(text, publicKey) ? publicKey : null;
    }
}
