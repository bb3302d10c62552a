using System.Collections.Immutable;
using Microsoft.Extensions.Configuration;

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

    /// <summary>OI_NODE_LABELS: comma list of name=value that instances may ask for.</summary>
    [ConfigurationKeyName("NODE_LABELS")]
    public string NodeLabels { get; set; } = "";

    /// <summary>OI_ROLES: comma list of what the silo does: <c>gateway</c> speaks HTTP, <c>node</c> runs instances.</summary>
    [ConfigurationKeyName("ROLES")]
    public string Roles { get; set; } = "gateway,node";

    /// <summary>OI_CPUS: processors' worth of time for the limits of the node's instances to share. Without it what this process may use.</summary>
    [ConfigurationKeyName("CPUS")]
    public double? Cpus { get; set; }

    /// <summary>OI_MEMORY_MB: MiB for the limits of the node's instances to share. Without it the machine's.</summary>
    [ConfigurationKeyName("MEMORY_MB")]
    public long? MemoryMb { get; set; }

    /// <summary>OI_MAX_INSTANCES: how many instances the node runs at once.</summary>
    [ConfigurationKeyName("MAX_INSTANCES")]
    public int MaxInstances { get; set; } = 2000;

    /// <summary>OI_MAX_OUTPUT_WATCHES: of how many instances the node publishes the output on streams at once.</summary>
    [ConfigurationKeyName("MAX_OUTPUT_WATCHES")]
    public int MaxOutputWatches { get; set; } = 64;

    /// <summary>OI_EVENT_RETENTION_DAYS: how long events of instances are kept; 0 is for good.</summary>
    [ConfigurationKeyName("EVENT_RETENTION_DAYS")]
    public int EventRetentionDays { get; set; } = 30;

    /// <summary>OI_MAX_EXECS: how many commands run beside the node's instances at once.</summary>
    [ConfigurationKeyName("MAX_EXECS")]
    public int MaxExecs { get; set; } = 256;

    /// <summary>OI_EXEC_STALL_SECONDS: how long a gateway lets the client of a command leave output unread. The node waits a little longer for a gateway.</summary>
    [ConfigurationKeyName("EXEC_STALL_SECONDS")]
    public int ExecStallSeconds { get; set; } = 120;

    /// <summary>OI_CLUSTER_ID.</summary>
    [ConfigurationKeyName("CLUSTER_ID")]
    public string ClusterId { get; set; } = "orleans-instances";

    /// <summary>OI_ADVERTISE: the address at which other silos reach this one, and the only one that it listens on for them: these ports ask for no key.</summary>
    [ConfigurationKeyName("ADVERTISE")]
    public string Advertise { get; set; } = "127.0.0.1";

    /// <summary>OI_SILO_PORT: silo to silo.</summary>
    [ConfigurationKeyName("SILO_PORT")]
    public int SiloPort { get; set; } = 11111;

    /// <summary>OI_GATEWAY_PORT: Orleans clients to silo.</summary>
    [ConfigurationKeyName("GATEWAY_PORT")]
    public int GatewayPort { get; set; } = 30000;

    /// <summary>OI_PROBE_SECONDS: how often, and for how long, silos ask each other for a sign of life.</summary>
    [ConfigurationKeyName("PROBE_SECONDS")]
    public double ProbeSeconds { get; set; } = 2;

    /// <summary>OI_MISSED_PROBES: how many a silo may miss in a row before it is declared dead.</summary>
    [ConfigurationKeyName("MISSED_PROBES")]
    public int MissedProbes { get; set; } = 3;

    /// <summary>OI_LEASE_SECONDS: how long a node counts as there without renewing. In a cluster, instances that may move are killed on it when that is over.</summary>
    [ConfigurationKeyName("LEASE_SECONDS")]
    public double LeaseSeconds { get; set; } = 30;

    /// <summary>OI_FENCE_MARGIN_SECONDS: what is waited beyond a lease before an instance is started elsewhere.</summary>
    [ConfigurationKeyName("FENCE_MARGIN_SECONDS")]
    public double FenceMarginSeconds { get; set; } = 5;

    public TimeSpan Lease => TimeSpan.FromSeconds(LeaseSeconds);

    public bool IsGateway => Has("gateway");

    public bool IsNode => Has("node");

    /// <summary>Silos of one database are one cluster, on an engine that spans machines.</summary>
    public bool IsClustered => Postgres is not null && SpansMachines;

    /// <summary>Whether the engine does; simulated clusters say so themselves.</summary>
    internal bool SpansMachines { get; set; } = EngineName.SpansMachines;

    /// <summary>The regions of <see cref="Region"/>, without blanks.</summary>
    public IReadOnlyList<string> Regions() => Split(Region);

    /// <summary>The pairs of <see cref="NodeLabels"/>; a later one of the same name counts.</summary>
    public ImmutableDictionary<string, string> Labels() => Split(NodeLabels)
        .Select(pair => pair.Split('=', 2))
        .Aggregate(ImmutableDictionary<string, string>.Empty, (labels, pair) => labels.SetItem(pair[0], pair[^1]));

    internal static string[] Split(string list) => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private bool Has(string role) => Split(Roles).Contains(role, StringComparer.Ordinal);
}
