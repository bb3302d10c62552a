using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using OrleansInstances.Launches;

namespace OrleansInstances.Gateway.Dialects.Chutes.Auth;

/// <summary>The tokens that open a launch config: JWTs, HS256.</summary>
internal sealed class LaunchTokens
{
    private const string Issuer = "chutes";

    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };
    private readonly SigningCredentials _credentials;
    private readonly TokenValidationParameters _rules;
    private readonly TimeProvider _time;

    public LaunchTokens(IOptions<ChutesOptions> options, TimeProvider time)
    {
        _time = time;

        // The digits themselves are the key, as its clients' own checks have it.
        var digits = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(options.Value.LaunchConfigKey)));
        var key = new SymmetricSecurityKey(Encoding.ASCII.GetBytes(digits));
        _credentials = new SigningCredentials(key, SecurityAlgorithms.HmacSha256);
        _rules = new TokenValidationParameters
        {
            IssuerSigningKey = key,
            ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
            ValidIssuer = Issuer,
            ValidateAudience = false,
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            LifetimeValidator = IsOfNow,
        };
    }

    /// <summary>The token of a config, good from its issue for <see cref="LaunchConfigSnapshot.Lifetime"/>.</summary>
    /// <param name="config">What it opens.</param>
    /// <param name="url">Where its holder claims it.</param>
    public string Issue(LaunchConfigSnapshot config, string url)
    {
        var issuedAt = config.IssuedAt.ToUnixTimeSeconds();
        var claims = new JsonObject
        {
            ["exp"] = issuedAt + (long)LaunchConfigSnapshot.Lifetime.TotalSeconds,
            ["sub"] = config.ConfigId.ToString(),
            ["iat"] = issuedAt,
            ["url"] = url,
            ["env_key"] = config.EnvKey,
            ["iss"] = Issuer,
        };
        if (config.JobId is { } jobId)
        {
            claims["job_id"] = jobId;
        }

        if (config.DiskGb is { } diskGb)
        {
            claims["disk_gb"] = diskGb;
        }

        return Sign(claims);
    }

    /// <summary>The token that a job's status is told with; it does not expire.</summary>
    public string IssueForJob(string jobId) => Sign(new JsonObject
    {
        ["sub"] = jobId,
        ["iat"] = _time.GetUtcNow().ToUnixTimeSeconds(),
        ["iss"] = Issuer,
    });

    /// <summary>What a good token opens; null for any other.</summary>
    /// <param name="authorization">The header: its last word is the token.</param>
    public async ValueTask<string?> SubjectAsync(string? authorization)
    {
        var token = authorization?.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).LastOrDefault();
        var result = await _handler.ValidateTokenAsync(token, _rules);
        return result is { IsValid: true, SecurityToken: JsonWebToken { Subject: { Length: > 0 } subject } } ? subject : null;
    }

    private string Sign(JsonObject claims) => _handler.CreateToken(claims.ToJsonString(Compact), _credentials);

    /// <summary>No leeway: a token is good from the second of its issue until just before that of its end.</summary>
    private bool IsOfNow(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters rules)
    {
        var now = _time.GetUtcNow().UtcDateTime;
        return expires > now
            && (notBefore is not { } from || from <= now)
            && token is JsonWebToken jwt
            && jwt.TryGetPayloadValue<long>(JwtRegisteredClaimNames.Iat, out var issuedAt)
            && issuedAt <= new DateTimeOffset(now).ToUnixTimeSeconds();
    }
}
