using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace OrleansInstances.EndToEnd.Tests.Chutes;

/// <summary>Launch tokens that no gateway has made.</summary>
internal static class TestToken
{
    private static readonly RSA Rsa = RSA.Create(2048);

    /// <summary>A right one, unless something is said.</summary>
    /// <param name="config">What it opens.</param>
    /// <param name="algorithm">What its header says.</param>
    /// <param name="signedAs">What it is signed with, when that is another.</param>
    /// <param name="key">The gateways' LAUNCH_CONFIG_KEY.</param>
    /// <param name="change">Changes its claims before they are signed.</param>
    public static string Make(Guid config, string algorithm = "HS256", string? signedAs = null, string key = ChutesSilo.LaunchKey, Action<JsonObject>? change = null)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var claims = new JsonObject { ["exp"] = now + 7200, ["sub"] = config.ToString(), ["iat"] = now, ["url"] = "u", ["env_key"] = "e", ["iss"] = "chutes" };
        change?.Invoke(claims);
        var content = $"{Encode(new JsonObject { ["alg"] = algorithm, ["typ"] = "JWT" })}.{Encode(claims)}";
        return $"{content}.{Base64Url.EncodeToString(Sign(signedAs ?? algorithm, key, Encoding.ASCII.GetBytes(content)))}";
    }

    private static byte[] Sign(string algorithm, string key, byte[] content)
    {
        var digits = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key))));
        return algorithm switch
        {
            "HS256" => HMACSHA256.HashData(digits, content),
            "HS384" => HMACSHA384.HashData(digits, content),
            "HS512" => HMACSHA512.HashData(digits, content),
            "RS256" => Rsa.SignData(content, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            _ => [],
        };
    }

    private static string Encode(JsonObject json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString()));
}
