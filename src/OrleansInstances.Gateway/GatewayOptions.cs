using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using OrleansInstances.Gateway.Auth;

namespace OrleansInstances.Gateway;

/// <summary>The settings of the gateway: environment variables with the prefix OI_, or section <c>OI</c> of appsettings.json.</summary>
public sealed class GatewayOptions
{
    public const string Section = "OI";

    /// <summary>Where the first keys are written; the silo's data folder, absolute. Set by the host, not by the operator.</summary>
    public string DataFolder { get; set; } = "";

    /// <summary>OI_API_KEY: the bootstrap administrator key. Not stored; good as long as the setting is there.</summary>
    [ConfigurationKeyName("API_KEY")]
    public string? ApiKey { get; set; }

    /// <summary>OI_KSM_PASSWORD: the ksm dialect's engine password.</summary>
    [ConfigurationKeyName("KSM_PASSWORD")]
    public string? KsmPassword { get; set; }

    /// <summary>OI_MAX_KEY_FAILURES_PER_MINUTE: refused keys of one address that get 401; further ones get 429.</summary>
    [ConfigurationKeyName("MAX_KEY_FAILURES_PER_MINUTE")]
    public int MaxKeyFailuresPerMinute { get; set; } = 30;

    /// <summary>OI_MAX_BODY_BYTES: bound of a request's body.</summary>
    [ConfigurationKeyName("MAX_BODY_BYTES")]
    public long MaxBodyBytes { get; set; } = 1024 * 1024;

    /// <summary>OI_MAX_INPUT_BYTES: bound of the body of POST /input.</summary>
    [ConfigurationKeyName("MAX_INPUT_BYTES")]
    public long MaxInputBytes { get; set; } = 8 * 1024 * 1024;

    /// <summary>OI_EXEC_STALL_SECONDS: how long the client of a command may leave output unread before the command is ended.</summary>
    [ConfigurationKeyName("EXEC_STALL_SECONDS")]
    public int ExecStallSeconds { get; set; } = 120;

    /// <summary>OI_DEFAULT_COMMAND: shell command line that an instance created without a command runs; <c>/bin/sh</c> reading its stdin without it.</summary>
    [ConfigurationKeyName("DEFAULT_COMMAND")]
    public string? DefaultCommand { get; set; }

    /// <summary>OI_CHUTES_INVENTORY: a JSON file of miners, chutes, GPUs and jobs for the chutes dialect.</summary>
    [ConfigurationKeyName("CHUTES_INVENTORY")]
    public string? ChutesInventory { get; set; }

    /// <summary><see cref="DefaultCommand"/> as program and arguments.</summary>
    public ImmutableArray<string> DefaultProgram() =>
        DefaultCommand is { } line ? ["/bin/sh", "-c", line] : ["/bin/sh"];
}

/// <summary>Says which setting is wrong and what it must be; secrets are not repeated.</summary>
internal sealed class GatewayOptionsRules : IValidateOptions<GatewayOptions>
{
    private const long LargestBody = 1024 * 1024 * 1024;

    public ValidateOptionsResult Validate(string? name, GatewayOptions options)
    {
        var faults = new List<string>();
        if (options.ApiKey is { } key && !ApiKey.IsWellFormed(key))
        {
            faults.Add($"OI_API_KEY is not a key: a key is 1 to {ApiKey.MaxLength} of A-Z, a-z, 0-9, '.', '_', '~' and '-'.");
        }

        if (options.KsmPassword is "")
        {
            faults.Add("OI_KSM_PASSWORD is empty: leave it out, or give a password.");
        }

        if (!Path.IsPathFullyQualified(options.DataFolder))
        {
            faults.Add($"{nameof(GatewayOptions.DataFolder)} is \"{options.DataFolder}\": it must be an absolute path.");
        }

        if (options.MaxKeyFailuresPerMinute is < 1 or > 1_000_000)
        {
            faults.Add($"OI_MAX_KEY_FAILURES_PER_MINUTE is {options.MaxKeyFailuresPerMinute}: it must be 1 to 1000000.");
        }

        if (options.ExecStallSeconds is < 1 or > 86_400)
        {
            faults.Add($"OI_EXEC_STALL_SECONDS is {options.ExecStallSeconds}: it must be 1 to 86400.");
        }

        CheckBytes("OI_MAX_BODY_BYTES", options.MaxBodyBytes);
        CheckBytes("OI_MAX_INPUT_BYTES", options.MaxInputBytes);
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);

        void CheckBytes(string setting, long bytes)
        {
            if (bytes is < 1024 or > LargestBody)
            {
                faults.Add($"{setting} is {bytes}: it must be 1024 to {LargestBody}.");
            }
        }
    }
}
