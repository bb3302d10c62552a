using System.Collections.Immutable;

namespace OrleansInstances.Instances;

/// <summary>What an instance runs and how: everything a caller decides. Name and labels apply at once when changed, most of the rest at the next start.</summary>
[GenerateSerializer, Immutable, Alias("oi.InstanceSpec")]
public sealed record InstanceSpec
{
    [Id(0)] public string? Name { get; init; }

    /// <summary>The region asked for; null lets any node take it.</summary>
    [Id(1)] public string? Region { get; init; }

    /// <summary>The one node it may run on; null lets the scheduler choose.</summary>
    [Id(2)] public string? Node { get; init; }

    /// <summary>The driver that runs it, <c>process</c> unless told otherwise; <c>remote</c> runs nothing and follows what runs elsewhere.</summary>
    [Id(3)] public string Driver { get; init; } = Drivers.Process;

    /// <summary>Program and arguments. A program without a slash is looked up in the PATH of the instance's environment.</summary>
    [Id(4)] public ImmutableArray<string> Command { get; init; } = [];

    /// <summary>Environment variables on top of PATH, HOME, LANG, TERM, OI_INSTANCE_ID and OI_EPOCH.</summary>
    [Id(5)] public ImmutableDictionary<string, string> Env { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Absolute working directory; null is the instance's own folder on its node.</summary>
    [Id(6)] public string? Cwd { get; init; }

    [Id(7)] public StopSpec Stop { get; init; } = new();

    [Id(8)] public RestartSpec Restart { get; init; } = new();

    [Id(9)] public ConsoleSpec Console { get; init; } = new();

    [Id(10)] public StdinMode Stdin { get; init; }

    [Id(11)] public NodeLossPolicy OnNodeLoss { get; init; }

    [Id(12)] public ImmutableDictionary<string, string> Labels { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Null checks nothing.</summary>
    [Id(13)] public HealthSpec? Health { get; init; }

    /// <summary>Looked at before every start attempt; what happens to them later has no effect.</summary>
    [Id(14)] public ImmutableArray<InstanceDependency> DependsOn { get; init; } = [];

    /// <summary>Null is the node's own.</summary>
    [Id(15)] public InstanceUser? User { get; init; }

    [Id(16)] public InstanceLimits Limits { get; init; } = new();

    /// <summary>Labels that the node must have, all of them.</summary>
    [Id(17)] public ImmutableDictionary<string, string> NodeLabels { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Null when nothing was said of it. Applies at once when changed.</summary>
    [Id(18)] public DeploymentSpec? Deployment { get; init; }

    /// <summary>What the driver <c>remote</c> follows, in place of a command; null for every other one.</summary>
    [Id(19)] public RemoteSpec? Remote { get; init; }
}

/// <summary>How a stop is done: <paramref name="Signal"/> to the whole tree, SIGKILL after <paramref name="TimeoutSeconds"/>.</summary>
/// <param name="Signal">A signal name such as SIGTERM.</param>
/// <param name="TimeoutSeconds">0 to 3600; 0 kills at once.</param>
[GenerateSerializer, Immutable, Alias("oi.StopSpec")]
public sealed record StopSpec(
    [property: Id(0)] string Signal = "SIGTERM",
    [property: Id(1)] double TimeoutSeconds = 10);

/// <summary>Whether and when an instance that ended by itself is started again.</summary>
/// <param name="BackoffSeconds">Delay before the first attempt; it doubles with each further one.</param>
/// <param name="MaxBackoffSeconds">Cap of the delay.</param>
/// <param name="ResetAfterSeconds">A run at least this long makes the next failure the first one again.</param>
/// <param name="MaxAttempts">Attempts in a row before it is failed for good; 0 is without end.</param>
[GenerateSerializer, Immutable, Alias("oi.RestartSpec")]
public sealed record RestartSpec(
    [property: Id(0)] RestartPolicy Policy = RestartPolicy.Never,
    [property: Id(1)] double BackoffSeconds = 1,
    [property: Id(2)] double MaxBackoffSeconds = 60,
    [property: Id(3)] double ResetAfterSeconds = 60,
    [property: Id(4)] int MaxAttempts = 0);

/// <param name="MaxBytes">Bound of the console kept on the node's disk; the oldest output is dropped first.</param>
/// <param name="Split">Keep stdout and stderr apart: each byte's stream is known, in place of the order in which the two were written.</param>
/// <param name="RetainSeconds">How long output and files are kept on the node after the instance was deleted.</param>
[GenerateSerializer, Immutable, Alias("oi.ConsoleSpec")]
public sealed record ConsoleSpec(
    [property: Id(0)] long MaxBytes = 64 * 1024 * 1024,
    [property: Id(1)] bool Split = false,
    [property: Id(2)] double RetainSeconds = 0);

public enum RestartPolicy
{
    Never = 0,
    OnFailure = 1,
    Always = 2,
}

public enum StdinMode
{
    /// <summary>A caller can close it; the program then reads end of file.</summary>
    Closable = 0,

    /// <summary>The program never reads end of file.</summary>
    NeverEof = 1,
}

/// <summary>What happens to an instance whose node is lost.</summary>
public enum NodeLossPolicy
{
    /// <summary>It waits for its node and is never started elsewhere.</summary>
    Wait = 0,

    /// <summary>It may be started elsewhere once its node is fenced.</summary>
    Move = 1,
}
