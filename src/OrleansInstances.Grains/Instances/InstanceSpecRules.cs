using System.Collections.Immutable;
using OrleansInstances.Instances;

namespace OrleansInstances.Grains.Instances;

/// <summary>What makes a spec acceptable, whoever sends it.</summary>
public static class InstanceSpecRules
{
    private const int MaxNameLength = 128;
    private const int MaxCommandEntries = 1024;
    private const int MaxCommandChars = 128 * 1024;
    private const int MaxPathLength = 4095;
    private const int MaxLabels = 64;
    private const int MaxDependencies = 32;
    private const int MaxGroups = 64;
    private const long MaxId = uint.MaxValue - 1;
    private const long MinConsoleBytes = 64 * 1024;
    private const long MaxConsoleBytes = 16L * 1024 * 1024 * 1024;

    /// <summary>Why <paramref name="spec"/> can't be taken, naming the field; null when it can.</summary>
    public static Refusal? Check(InstanceSpec spec) => Fault(spec) is { } fault
        ? new Refusal(RefusalKind.Invalid, "invalid", fault)
        : null;

    /// <summary>What is wrong with labels; null when nothing is.</summary>
    public static string? LabelFault(ImmutableDictionary<string, string> labels, string field = "labels") => labels switch
    {
        { Count: > MaxLabels } => $"{field} must be at most {MaxLabels}.",
        _ when labels.Any(label => label.Key.Length is 0 or > 63 || label.Value.Length > 256) =>
            $"{field}: a key must be 1 to 63 characters, a value at most 256.",
        _ when labels.Any(label => HasNul(label.Key) || HasNul(label.Value)) => $"{field} must not contain NUL.",
        _ => null,
    };

    private static string? Fault(InstanceSpec spec) => spec switch
    {
        { Name: { } name } when name.Length > MaxNameLength || name.Any(char.IsControl) =>
            $"name must be at most {MaxNameLength} characters without control characters.",
        { Region.Length: > MaxNameLength } => $"region must be at most {MaxNameLength} characters.",
        { Node.Length: > MaxNameLength } => $"node must be at most {MaxNameLength} characters.",
        { Driver.Length: 0 or > MaxNameLength } => $"driver must be 1 to {MaxNameLength} characters.",
        // A database's text columns hold these, and PostgreSQL's can't hold NUL.
        { Region: { } region } when HasNul(region) => "region must not contain NUL.",
        { Node: { } node } when HasNul(node) => "node must not contain NUL.",
        { Driver: var driver } when HasNul(driver) => "driver must not contain NUL.",
        { Driver: Drivers.Remote, Remote: null } => "remote must say where the workload is.",
        { Driver: not Drivers.Remote, Remote: not null } => "remote is for the driver remote.",
        { Remote: { } remote } when RemoteFault(remote, spec) is { } fault => fault,
        { Remote: null, Command: var command } when command.IsDefaultOrEmpty || command[0].Length == 0 =>
            "command must name a program.",
        { Command: var command } when command.Length > MaxCommandEntries || command.Sum(part => part.Length) > MaxCommandChars =>
            $"command must be at most {MaxCommandEntries} entries and {MaxCommandChars} characters.",
        { Command: var command } when command.Any(HasNul) => "command must not contain NUL.",
        { Env: var env } when env.Keys.FirstOrDefault(key => !IsVariableName(key)) is { } key =>
            $"env: \"{key}\" is not a variable name (letters, digits and _, not first a digit).",
        { Env: var env } when env.Keys.FirstOrDefault(key => key.StartsWith("OI_", StringComparison.Ordinal)) is { } key =>
            $"env: \"{key}\" is reserved (OI_).",
        { Env: var env } when env.Values.Any(HasNul) => "env must not contain NUL.",
        { Env: var env } when env.Sum(pair => pair.Key.Length + pair.Value.Length + 2) > MaxCommandChars =>
            $"env must be at most {MaxCommandChars} characters in sum.",
        { Cwd.Length: > MaxPathLength } => $"cwd must be at most {MaxPathLength} characters.",
        { Cwd: { } cwd } when !cwd.StartsWith('/') || HasNul(cwd) => "cwd must be an absolute path.",
        { Stop.TimeoutSeconds: not (>= 0 and <= 3600) } => "stop.timeout_seconds must be 0 to 3600.",
        { Stop.Signal: var signal } when !SignalNames.TryParse(signal, out _) => $"stop.signal: \"{signal}\" is not a signal.",
        { Restart.BackoffSeconds: not (>= 0.001 and <= 86400) } => "restart.backoff_seconds must be 0.001 to 86400.",
        { Restart.MaxBackoffSeconds: not (>= 0.001 and <= 86400) } => "restart.max_backoff_seconds must be 0.001 to 86400.",
        { Restart.ResetAfterSeconds: not (>= 0 and <= 31536000) } => "restart.reset_after_seconds must be 0 to 31536000.",
        { Restart.MaxAttempts: not (>= 0 and <= 1_000_000) } => "restart.max_attempts must be 0 to 1000000.",
        { Console.MaxBytes: not (>= MinConsoleBytes and <= MaxConsoleBytes) } =>
            $"console.max_bytes must be {MinConsoleBytes} to {MaxConsoleBytes}.",
        { Console.RetainSeconds: not (>= 0 and <= 31536000) } => "console.retain_seconds must be 0 to 31536000.",
        { Health: { } health } when HealthFault(health) is { } fault => fault,
        { User: { Uid: not (>= 0 and <= MaxId) } } => $"user.uid must be 0 to {MaxId}.",
        { User: { Gid: not (>= 0 and <= MaxId) } } => $"user.gid must be 0 to {MaxId}.",
        { User.Groups: { IsDefault: false } groups } when groups.Length > MaxGroups || groups.Any(group => group is not (>= 0 and <= MaxId)) =>
            $"user.groups must be at most {MaxGroups} numbers from 0 to {MaxId}.",
        { Limits.MemoryMb: not (>= 0 and <= 1 << 24) } => "limits.memory_mb must be 0 to 16777216.",
        { Limits.Cpus: not (0 or (>= 0.01 and <= 4096)) } => "limits.cpus must be 0, or 0.01 to 4096.",
        { Limits.Pids: not (>= 0 and <= 1 << 22) } => "limits.pids must be 0 to 4194304.",
        { DependsOn: { IsDefault: false, Length: > MaxDependencies } } => $"depends_on must have at most {MaxDependencies} entries.",
        { DependsOn: { IsDefault: false } all } when all.DistinctBy(dependency => dependency.Id).Count() != all.Length => "depends_on must not name an instance twice.",
        { DependsOn: { IsDefault: false } all } when !all.All(dependency => Enum.IsDefined(dependency.Condition)) => "depends_on has an unknown condition.",
        { Deployment: { } deployment } when DeploymentFault(deployment) is { } fault => fault,
        _ => LabelFault(spec.Labels) ?? LabelFault(spec.NodeLabels, "node_labels"),
    };

    private static string? RemoteFault(RemoteSpec remote, InstanceSpec spec) => (remote, spec) switch
    {
        ({ Host: var host }, _) when Uri.CheckHostName(host) == UriHostNameType.Unknown => "remote.host must be a host's name or address.",
        ({ Port: not (>= 1 and <= 65535) }, _) => "remote.port must be 1 to 65535.",
        (_, { Command.IsDefaultOrEmpty: false }) => "command: a remote workload has none here.",
        (_, { Health.Command.IsDefaultOrEmpty: false }) => "health.command: a remote workload's checks are tcp or http.",
        _ => null,
    };

    private static string? DeploymentFault(DeploymentSpec deployment)
    {
        (string Field, string? Text)[] texts =
        [
            ("app_id", deployment.AppId), ("service_id", deployment.ServiceId), ("deployment_id", deployment.DeploymentId),
            ("regional_deployment_id", deployment.RegionalDeploymentId), ("allocation_id", deployment.AllocationId),
            ("type", deployment.Type), ("datacenter", deployment.Datacenter),
        ];
        return texts.FirstOrDefault(text => text.Text is { } value && (value.Length > MaxNameLength || value.Any(char.IsControl))).Field is { } field
            ? $"{field} must be at most {MaxNameLength} characters without control characters."
            : deployment.ReplicaIndex < 0 ? "replica_index must be 0 or more."
            : null;
    }

    private static string? HealthFault(HealthSpec health) => health switch
    {
        { Kinds: not 1 } => "health must have exactly one of command, tcp and http.",
        { Command: { IsDefaultOrEmpty: false } command } when command[0].Length == 0 || command.Any(HasNul) =>
            "health.command must name a program and not contain NUL.",
        { Command: { IsDefaultOrEmpty: false } command } when command.Length > MaxCommandEntries || command.Sum(part => part.Length) > MaxCommandChars =>
            $"health.command must be at most {MaxCommandEntries} entries and {MaxCommandChars} characters.",
        { TcpPort: < 0 or > 65535 } => "health.tcp.port must be 1 to 65535.",
        { HttpPort: < 0 or > 65535 } => "health.http.port must be 1 to 65535.",
        { HttpPath: { Length: > MaxPathLength } or not ['/', ..] } => $"health.http.path must begin with / and be at most {MaxPathLength} characters.",
        { HttpPath: var path } when path.Any(c => c is <= ' ' or > '~') => "health.http.path must be printable ASCII without blanks; escape anything else.",
        { IntervalSeconds: not (>= 0.1 and <= 86400) } => "health.interval_seconds must be 0.1 to 86400.",
        { TimeoutSeconds: not (>= 0.1 and <= 3600) } => "health.timeout_seconds must be 0.1 to 3600.",
        { Retries: not (>= 1 and <= 1000) } => "health.retries must be 1 to 1000.",
        { StartPeriodSeconds: not (>= 0 and <= 86400) } => "health.start_period_seconds must be 0 to 86400.",
        _ => null,
    };

    private static bool HasNul(string text) => text.Contains('\0', StringComparison.Ordinal);

    private static bool IsVariableName(string key) =>
        key.Length > 0 && !char.IsAsciiDigit(key[0]) && key.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}
