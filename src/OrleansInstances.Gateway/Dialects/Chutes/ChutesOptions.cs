using Microsoft.Extensions.Options;

namespace OrleansInstances.Gateway.Dialects.Chutes;

/// <summary>The settings of the chutes dialect, under the names that its reference has: environment variables without a prefix.</summary>
public sealed class ChutesOptions
{
    /// <summary>The reference's, which everybody knows.</summary>
    public const string KnownLaunchConfigKey = "launch-secret";

    /// <summary>LAUNCH_CONFIG_KEY: what launch tokens are signed with. All gateways of a cluster need the same.</summary>
    [ConfigurationKeyName("LAUNCH_CONFIG_KEY")]
    public string LaunchConfigKey { get; set; } = KnownLaunchConfigKey;

    /// <summary>IP_CHECK_SALT: the secret in the tokens of token_check.</summary>
    [ConfigurationKeyName("IP_CHECK_SALT")]
    public string IpCheckSalt { get; set; } = "salt";

    /// <summary>OPENCL_GRAVAL_URL: the service that challenges GPUs.</summary>
    [ConfigurationKeyName("OPENCL_GRAVAL_URL")]
    public Uri? GravalUrl { get; set; }

    /// <summary>SKIP_GPU_VERIFICATION: challenges that need no GPU and prove nothing, for development.</summary>
    [ConfigurationKeyName("SKIP_GPU_VERIFICATION")]
    public bool SkipGpuVerification { get; set; }

    /// <summary>NETUID: the subnet that miners are registered on.</summary>
    [ConfigurationKeyName("NETUID")]
    public int NetUid { get; set; } = 64;

    /// <summary>BASE_DOMAIN: clients are told to come to https://api.BASE_DOMAIN; without it, to the address that they came to.</summary>
    [ConfigurationKeyName("BASE_DOMAIN")]
    public string? BaseDomain { get; set; }

    /// <summary>Where a client is told to send its next request, without a slash at the end.</summary>
    public string AddressFor(HttpRequest request) =>
        BaseDomain is { Length: > 0 } domain ? $"https://api.{domain}" : $"{request.Scheme}://{request.Host}";
}

internal sealed class ChutesOptionsRules : IValidateOptions<ChutesOptions>
{
    public ValidateOptionsResult Validate(string? name, ChutesOptions options)
    {
        if (string.IsNullOrEmpty(options.LaunchConfigKey))
        {
            return ValidateOptionsResult.Fail("LAUNCH_CONFIG_KEY is empty: leave it out, or give a secret.");
        }

        return options.GravalUrl is { } url && !(url.IsAbsoluteUri && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps))
            ? ValidateOptionsResult.Fail($"OPENCL_GRAVAL_URL is \"{url}\": it must be an http or https address.")
            : ValidateOptionsResult.Success;
    }
}
