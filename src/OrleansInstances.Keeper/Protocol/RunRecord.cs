using System.Text.Json.Serialization;

namespace OrleansInstances.Keeper.Protocol;

/// <summary>
/// The durable record of an instance's latest run, kept as <c>run.json</c> in its folder (replaced by rename) and sent over
/// the socket. It also holds the highest epoch seen.
/// </summary>
public sealed record RunRecord
{
    public required Guid InstanceId { get; init; }

    public required long Epoch { get; init; }

    public required RunRecordPhase Phase { get; init; }

    /// <summary>The program's process, 0 before it is known.</summary>
    public int Pid { get; init; }

    /// <summary>Field 22 of /proc/PID/stat; with <see cref="Pid"/> and <see cref="BootId"/> it names the process across restarts.</summary>
    public long StartTicks { get; init; }

    public string? BootId { get; init; }

    public DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>0 to 255, 128 + n for a signal n; null when unknown.</summary>
    public int? ExitCode { get; init; }

    /// <summary>The signal's number.</summary>
    public int? Signal { get; init; }

    /// <summary>Why it could not be started, or why the exit code is unknown.</summary>
    public string? Message { get; init; }

    /// <summary>Someone asked for the end: a stop, or the keeper's shutdown.</summary>
    public bool StopRequested { get; init; }

    /// <summary>The signal of the stop that is under way, for a keeper that has to go on with it.</summary>
    public int? StopSignal { get; init; }

    /// <summary>The time that this stop gave, counted anew by a keeper that goes on with it.</summary>
    public int? StopTimeoutMs { get; init; }

    /// <summary>The keeper holds no write end of stdin any more.</summary>
    public bool InputClosed { get; init; }

    /// <summary>Console length when the run ended.</summary>
    public long ConsoleEnd { get; init; }

    public bool Acknowledged { get; init; }

    public long ConsoleMaxBytes { get; init; }

    public bool NeverEof { get; init; }

    /// <summary>It is killed when the node's lease runs out.</summary>
    public bool Move { get; init; }

    /// <summary>The node's lease ran out, and so it was killed.</summary>
    public bool Fenced { get; init; }

    /// <summary>As the start had it.</summary>
    public string? Note { get; init; }

    /// <summary>Null when nothing was to be limited.</summary>
    public EnforcedLimits? Enforced { get; init; }

    /// <summary>Folders of its cgroup, one in each hierarchy; null when it has none.</summary>
    public IReadOnlyCollection<string>? Cgroup { get; init; }

    /// <summary>Processes of it that the kernel killed at the memory limit.</summary>
    public long OomKills { get; init; }

    /// <summary>stdout and stderr have a FIFO each.</summary>
    public bool Split { get; init; }
}

/// <summary>For each limit whether the kernel enforces it; null for one that wasn't asked for.</summary>
/// <param name="Why">Why one is not.</param>
public sealed record EnforcedLimits(bool? Memory, bool? Cpus, bool? Pids, string? Why)
{
    [JsonIgnore]
    public bool IsWhole => Memory != false && Cpus != false && Pids != false;
}

[JsonConverter(typeof(JsonStringEnumConverter<RunRecordPhase>))]
public enum RunRecordPhase
{
    /// <summary>Recorded before the spawn; a keeper that finds it looks for the process by its environment.</summary>
    Starting,
    Running,
    Paused,
    Stopping,
    Exited,

    /// <summary>The program could not be started; nothing ran.</summary>
    StartFailed,
}
