using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrleansInstances.Gateway.Dialects.Chutes;
using OrleansInstances.Gateway.Dialects.Chutes.Auth;
using OrleansInstances.Launches;

namespace OrleansInstances.Gateway.Tests.Dialects.Chutes;

public sealed class LaunchTokenTests
{
    private const string Id = "11111111-1111-4111-8111-111111111111";
    private const string Url = $"https://api.chutes.ai/instances/launch_config/{Id}";

    /// <summary>With the default secret, at 1700000000; made by another implementation.</summary>
    private const string VectorSignature = "zeQ_sdAm3X2C_cIDv_TxTn8J9i3J6oHVz1Kb0sdTXFs";

    private const string Header = """{"alg":"HS256","typ":"JWT"}""";

    private const string Payload =
        """{"exp":1700007200,"sub":"11111111-1111-4111-8111-111111111111","iat":1700000000,"url":"https://api.chutes.ai/instances/launch_config/11111111-1111-4111-8111-111111111111","env_key":"00112233445566778899aabbccddeeff","iss":"chutes"}""";

    private static readonly DateTimeOffset Issued = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

    private readonly FakeTimeProvider _time = new(Issued);

    private static LaunchConfigSnapshot Config => new()
    {
        ConfigId = Guid.Parse(Id),
        Version = 1,
        Status = LaunchStatus.Issued,
        ChuteId = "chute",
        EnvKey = "00112233445566778899aabbccddeeff",
        MinerHotkey = "hot",
        MinerColdkey = "cold",
        MinerUid = 7,
        IssuedAt = Issued,
    };

    [Fact]
    public void A_token_is_the_one_of_the_public_vector() =>
        Assert.Equal($"{Encode(Header)}.{Encode(Payload)}.{VectorSignature}", Tokens().Issue(Config, Url));

    [Fact]
    public void A_job_and_its_disk_are_in_the_token()
    {
        var claims = ClaimsOf(Tokens().Issue(Config with { JobId = "job", DiskGb = 50 }, Url));

        Assert.Equal(("job", 50), ((string?)claims["job_id"], (int?)claims["disk_gb"]));
    }

    [Fact]
    public void A_jobs_own_token_does_not_expire() =>
        Assert.Equal("""{"sub":"job","iat":1700000000,"iss":"chutes"}""", ClaimsOf(Tokens().IssueForJob("job")).ToJsonString());

    [Theory]
    [InlineData("{0}")]
    [InlineData("Bearer {0}")]
    [InlineData("bearer   {0}  ")]
    public async Task It_is_the_last_word_of_the_header(string header) =>
        Assert.Equal(Id, await Tokens().SubjectAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, header, Signed(Payload))));

    [Fact]
    public async Task It_is_good_for_two_hours()
    {
        var tokens = Tokens();

        _time.Advance(LaunchConfigSnapshot.Lifetime - TimeSpan.FromSeconds(1));
        Assert.Equal(Id, await tokens.SubjectAsync(Signed(Payload)));

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await tokens.SubjectAsync(Signed(Payload)));
    }

    [Fact]
    public async Task A_token_of_the_future_is_none()
    {
        Assert.Null(await Tokens().SubjectAsync(Signed(Payload.Replace("\"iat\":1700000000", "\"iat\":1700000001", StringComparison.Ordinal))));
        Assert.Null(await Tokens().SubjectAsync(Signed(Payload.Replace("\"iss\"", "\"nbf\":1700000001,\"iss\"", StringComparison.Ordinal))));
    }

    [Theory]
    [InlineData("exp")]
    [InlineData("iat")]
    [InlineData("iss")]
    [InlineData("sub")]
    public async Task What_must_be_in_it_must_be_in_it(string claim)
    {
        var claims = JsonNode.Parse(Payload)!.AsObject();
        claims.Remove(claim);

        Assert.Null(await Tokens().SubjectAsync(Signed(claims.ToJsonString())));
    }

    [Theory]
    [InlineData("""{"alg":"none","typ":"JWT"}""")]
    [InlineData("""{"alg":"HS384","typ":"JWT"}""")]
    [InlineData("""{"alg":"HS512","typ":"JWT"}""")]
    [InlineData("""{"alg":"RS256","typ":"JWT"}""")]
    [InlineData("""{"typ":"JWT"}""")]
    [InlineData("""{"alg":"HS256","typ":"JWT","enc":"A128CBC-HS256"}""")]
    public async Task Another_algorithm_is_refused(string header)
    {
        var content = $"{Encode(header)}.{Encode(Payload)}";
        var all = new[]
        {
            "", Base64Url.EncodeToString(HMACSHA256.HashData(Key("launch-secret"), Encoding.ASCII.GetBytes(content))),
            Base64Url.EncodeToString(HMACSHA384.HashData(Key("launch-secret"), Encoding.ASCII.GetBytes(content))),
            Base64Url.EncodeToString(HMACSHA512.HashData(Key("launch-secret"), Encoding.ASCII.GetBytes(content))),
        };

        // With an unknown field beside the right algorithm it is still this algorithm.
        foreach (var signature in header.Contains("HS256\"", StringComparison.Ordinal) ? all.Where((_, at) => at != 1) : all)
        {
            Assert.Null(await Tokens().SubjectAsync($"{content}.{signature}"));
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("Bearer")]
    [InlineData("a.b")]
    [InlineData("a.b.c")]
    [InlineData("..")]
    [InlineData("eyJhbGciOiJIUzI1NiJ9.bm90IGpzb24.AAAA")]
    public async Task What_is_no_token_opens_nothing(string? header) => Assert.Null(await Tokens().SubjectAsync(header));

    [Fact]
    public async Task Another_key_or_issuer_is_refused()
    {
        Assert.Null(await Tokens("another").SubjectAsync(Signed(Payload)));
        Assert.Null(await Tokens().SubjectAsync(Signed(Payload.Replace("\"chutes\"", "\"others\"", StringComparison.Ordinal))));
        Assert.Null(await Tokens().SubjectAsync(Signed(Payload)[..^2]));
        Assert.Null(await Tokens().SubjectAsync(new string('x', 100_000)));
    }

    private LaunchTokens Tokens(string secret = "launch-secret") => new(Options.Create(new ChutesOptions { LaunchConfigKey = secret }), _time);

    private static string Signed(string payload)
    {
        var content = $"{Encode(Header)}.{Encode(payload)}";
        return $"{content}.{Base64Url.EncodeToString(HMACSHA256.HashData(Key("launch-secret"), Encoding.ASCII.GetBytes(content)))}";
    }

    private static byte[] Key(string secret) => Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret))));

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));

    private static JsonNode ClaimsOf(string token) => JsonNode.Parse(Base64Url.DecodeFromChars(token.Split('.')[1]))!;
}
