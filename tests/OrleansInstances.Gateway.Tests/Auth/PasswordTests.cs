using OrleansInstances.Gateway.Auth;

namespace OrleansInstances.Gateway.Tests.Auth;

public sealed class PasswordTests
{
    private const int Few = 10;

    [Fact]
    public void A_hash_matches_its_password_alone_and_names_scheme_and_iterations()
    {
        var stored = PasswordHash.Create("correct horse", Few);

        Assert.Matches(@"^pbkdf2-sha256\$10\$[\w-]{22}\$[\w-]{43}$", stored);
        Assert.True(PasswordHash.Matches("correct horse", stored));
        Assert.False(PasswordHash.Matches("correct horsf", stored));
        Assert.False(PasswordHash.Matches("", stored));
    }

    [Fact]
    public void The_same_password_never_gives_the_same_hash() =>
        Assert.NotEqual(PasswordHash.Create("correct horse", Few), PasswordHash.Create("correct horse", Few));

    [Fact]
    public void A_hash_of_a_known_vector_is_what_others_compute()
    {
        // RFC 7914, section 11: PBKDF2-HMAC-SHA-256 of "passwd" and "salt", one iteration, the first 32 bytes.
        const string Vector = "pbkdf2-sha256$1$c2FsdA$VawEblbjCJ_sFpHCJUS2BflBhSFt3gRl5oudV8INrLw";

        Assert.True(PasswordHash.Matches("passwd", Vector));
    }

    [Theory]
    [InlineData("")]
    [InlineData("plain text")]
    [InlineData("md5$1$c2FsdA$VawEblbj")]
    [InlineData("pbkdf2-sha256$many$c2FsdA$VawEblbj")]
    public void Stored_text_that_is_no_hash_is_a_fault_and_opens_nothing(string stored) =>
        Assert.Throws<FormatException>(() => PasswordHash.Matches("passwd", stored));

    [Fact]
    public async Task Beyond_the_bound_passwords_are_refused_and_all_within_it_are_hashed()
    {
        using var hasher = new PasswordHasher();

        var all = Enumerable.Range(0, PasswordHasher.AtATime + PasswordHasher.MaxWaiting).Select(_ => hasher.MatchesAsync("guess", Slow, default)).ToList();
        await Assert.ThrowsAsync<PasswordsOverloadedException>(() => hasher.MatchesAsync("guess", Slow, default));

        Assert.All(await Task.WhenAll(all), Assert.False);
    }

    /// <summary>Some tens of milliseconds each.</summary>
    private static string Slow { get; } = PasswordHash.Create("right", 50_000);
}
