using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using OrleansInstances.Storage.Postgres;

namespace OrleansInstances.Hosting;

/// <summary>The settings of a silo: environment variables with the prefix OI_, or section <c>OI</c> of appsettings.json.</summary>
public sealed class OrleansInstancesOptions
{
    public const string Section = "OI";

    /// <summary>OI_DATA: the silo's data folder. Without it <c>data</c> at the repository's root, <c>/var/lib/orleans-instances</c> when published.</summary>
    [ConfigurationKeyName("DATA")]
    public string? Data { get; set; }

    /// <summary>OI_POSTGRES: connection string of the database that silos share. Without it SQLite in the data folder.</summary>
    [ConfigurationKeyName("POSTGRES")]
    public string? Postgres { get; set; }

    /// <summary>OI_NODE: the node's name. Without it the host name, stored in the data folder at first start.</summary>
    [ConfigurationKeyName("NODE")]
    public string? Node { get; set; }

    /// <summary>OI_REGION: comma list of regions served; <c>*</c> serves every region asked for.</summary>
    [ConfigurationKeyName("REGION")]
    public string Region { get; set; } = "*";

    /// <summary>OI_MAX_INSTANCES: how many instances the node runs at once.</summary>
    [ConfigurationKeyName("MAX_INSTANCES")]
    public int MaxInstances { get; set; } = 2000;

    /// <summary>OI_MAX_OUTPUT_WATCHES: of how many instances the node publishes the output on streams at once.</summary>
    [ConfigurationKeyName("MAX_OUTPUT_WATCHES")]
    public int MaxOutputWatches { get; set; } = 64;

    /// <summary>OI_CLUSTER_ID.</summary>
    [ConfigurationKeyName("CLUSTER_ID")]
    public string ClusterId { get; set; } = "orleans-instances";

    /// <summary>OI_SILO_PORT: silo to silo, loopback only.</summary>
    [ConfigurationKeyName("SILO_PORT")]
    public int SiloPort { get; set; } = 11111;

    /// <summary>OI_GATEWAY_PORT: Orleans clients to silo, loopback only.</summary>
    [ConfigurationKeyName("GATEWAY_PORT")]
    public int GatewayPort { get; set; } = 30000;

    /// <summary>The regions of <see cref="Region"/>, without blanks.</summary>
    public IReadOnlyList<string> Regions() =>
        Region.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>Says which setting is wrong, what it is, and what it must be.</summary>
internal sealed class OrleansInstancesOptionsRules : IValidateOptions<OrleansInstancesOptions>
{
    private const int MaxNameLength = 63;

    public ValidateOptionsResult Validate(string? name, OrleansInstancesOptions options)
    {
        var faults = new List<string>();
        if (options.Node is { } node && !IsNodeName(node))
        {
            faults.Add($"OI_NODE is \"{node}\": a node's name is 1 to {MaxNameLength} of a-z, A-Z, 0-9, '.', '_' and '-'.");
        }

        if (options.Postgres is { } postgres && PostgresConnectionString.FaultOf(postgres) is { } fault)
        {
            faults.Add($"OI_POSTGRES {fault}");
        }

        if (options.Regions().Count == 0)
        {
            faults.Add($"OI_REGION is \"{options.Region}\": name at least one region, or * for all.");
        }

        if (options.MaxInstances is < 1 or > 100_000)
        {
            faults.Add($"OI_MAX_INSTANCES is {options.MaxInstances}: it must be 1 to 100000.");
        }

        if (options.MaxOutputWatches is < 0 or > 10_000)
        {
            faults.Add($"OI_MAX_OUTPUT_WATCHES is {options.MaxOutputWatches}: it must be 0 to 10000.");
        }

        CheckPort("OI_SILO_PORT", options.SiloPort);
        CheckPort("OI_GATEWAY_PORT", options.GatewayPort);
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);

        void CheckPort(string key, int port)
        {
            if (port is < 1 or > 65535)
            {
                faults.Add($"{key} is {port}: a port is 1 to 65535.");
            }
        }
    }

    internal static bool IsNodeName(string name) =>
        name.Length is > 0 and <= MaxNameLength && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}
