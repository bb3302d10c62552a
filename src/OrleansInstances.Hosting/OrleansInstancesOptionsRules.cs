using Microsoft.Extensions.Options;
using OrleansInstances.Storage.Postgres;

namespace OrleansInstances.Hosting;

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

        if (options.MaxExecs is < 0 or > 4096)
        {
            faults.Add($"OI_MAX_EXECS is {options.MaxExecs}: it must be 0 to 4096.");
        }

        if (options.EventRetentionDays is < 0 or > 36_500)
        {
            faults.Add($"OI_EVENT_RETENTION_DAYS is {options.EventRetentionDays}: it must be 0 to 36500.");
        }

        if (OrleansInstancesOptions.Split(options.NodeLabels).FirstOrDefault(pair => pair.IndexOf('=', StringComparison.Ordinal) < 1) is { } label)
        {
            faults.Add($"OI_NODE_LABELS has \"{label}\": a label is name=value.");
        }

        var roles = OrleansInstancesOptions.Split(options.Roles);
        if (roles.Length == 0 || roles.FirstOrDefault(role => role is not ("gateway" or "node")) is { } unknown && unknown.Length > 0)
        {
            faults.Add($"OI_ROLES is \"{options.Roles}\": it is gateway, node, or both.");
        }

        CheckRange("OI_CPUS", options.Cpus ?? 1, 0.01, 100_000);
        CheckRange("OI_MEMORY_MB", options.MemoryMb ?? 1, 1, 1L << 40);
        CheckRange("OI_EXEC_STALL_SECONDS", options.ExecStallSeconds, 1, 86_400);
        CheckRange("OI_PROBE_SECONDS", options.ProbeSeconds, 0.1, 60);
        CheckRange("OI_MISSED_PROBES", options.MissedProbes, 1, 100);
        CheckRange("OI_LEASE_SECONDS", options.LeaseSeconds, 1, 3600);
        CheckRange("OI_FENCE_MARGIN_SECONDS", options.FenceMarginSeconds, 1, 3600);
        CheckCluster();
        CheckPort("OI_SILO_PORT", options.SiloPort);
        CheckPort("OI_GATEWAY_PORT", options.GatewayPort);
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);

        void CheckCluster()
        {
            if (options.IsClustered)
            {
                return;
            }

            var why = options.Postgres is null ? "OI_POSTGRES isn't set" : "this build's engine is a single process";
            if (options.Advertise != new OrleansInstancesOptions().Advertise)
            {
                faults.Add($"OI_ADVERTISE is \"{options.Advertise}\", but {why}: there is no cluster to be reached from.");
            }

            if (!options.IsGateway || !options.IsNode)
            {
                faults.Add($"OI_ROLES is \"{options.Roles}\", but {why}: a silo on its own has both roles.");
            }
        }

        void CheckRange(string key, double value, double least, double most)
        {
            // Written so that NaN is refused.
            if (!(value >= least && value <= most))
            {
                faults.Add(FormattableString.Invariant($"{key} is {value}: it must be {least} to {most}."));
            }
        }

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
