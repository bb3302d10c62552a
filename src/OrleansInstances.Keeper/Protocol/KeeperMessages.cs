using System.Text.Json.Serialization;
using OrleansInstances.Keeper.Interop;

namespace OrleansInstances.Keeper.Protocol;

/// <summary>
/// The keeper speaks JSON, one message a line (UTF-8, at most <see cref="MaxLineBytes"/>), over the unix socket of its
/// data folder. A request carries a sequence number and gets one reply with the same number; replies may come in any
/// order. Between them the keeper sends notices of runs that ended, to every connection that said hello.
/// <para>
/// A keeper outlives silos, so the silo may be the newer one: hello tells it the keeper's version, and it sends nothing that
/// version doesn't know (<see cref="VersionFor"/>). A keeper understands every older version. Members that a reader doesn't
/// know are passed over; what must not be passed over takes a new version.
/// </para>
/// </summary>
public static class KeeperProtocol
{
    /// <summary>2 has watches, split consoles, leases, notes, users and limits; 3 has commands beside a run's program; 4 has consoles that begin at an offset.</summary>
    public const int Version = 4;

    public const int MaxLineBytes = 4 * 1024 * 1024;

    /// <summary>Runs in one reply to a list; as many mean that more may follow.</summary>
    public const int ListPage = 1000;

    /// <summary>The oldest version that does all of what a request asks.</summary>
    public static int VersionFor(KeeperRequest request) => request switch
    {
        StartRequest { ConsoleFrom: > 0 } => 4,
        ExecRequest => 3,
        WatchOutputRequest or LeaseRequest => 2,
        StartRequest { Split: false, Move: false, Note: null, User: null, Limits: null } => 1,
        StartRequest => 2,
        _ => 1,
    };
}

/// <summary>From the silo to the keeper.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "do")]
[JsonDerivedType(typeof(HelloRequest), "hello")]
[JsonDerivedType(typeof(ListRequest), "list")]
[JsonDerivedType(typeof(StartRequest), "start")]
[JsonDerivedType(typeof(StopRequest), "stop")]
[JsonDerivedType(typeof(SignalRequest), "signal")]
[JsonDerivedType(typeof(PauseRequest), "pause")]
[JsonDerivedType(typeof(ResumeRequest), "resume")]
[JsonDerivedType(typeof(CloseInputRequest), "close_input")]
[JsonDerivedType(typeof(WatchOutputRequest), "watch_output")]
[JsonDerivedType(typeof(LeaseRequest), "lease")]
[JsonDerivedType(typeof(ExecRequest), "exec")]
[JsonDerivedType(typeof(AcknowledgeRequest), "acknowledge")]
[JsonDerivedType(typeof(RemoveRequest), "remove")]
[JsonDerivedType(typeof(ShutdownRequest), "shutdown")]
public abstract record KeeperRequest
{
    public long Seq { get; init; }
}

/// <summary>First on every connection.</summary>
public sealed record HelloRequest(int Version) : KeeperRequest;

/// <summary>
/// Asks for the runs that the keeper has a record of, each instance's latest, by ascending instance id, at most
/// <see cref="KeeperProtocol.ListPage"/> of them.
/// </summary>
/// <param name="After">Only instance ids above this one; null from the first.</param>
public sealed record ListRequest(Guid? After = null) : KeeperRequest;

/// <summary>
/// Brings up a run. The same (instance, epoch) again answers the record that is there and starts nothing; an epoch below
/// the highest one seen, or any epoch while another run of the instance is alive, is refused.
/// </summary>
/// <param name="Command">Program and arguments; a program without a slash is searched in PATH of <paramref name="Env"/>.</param>
/// <param name="Env">The whole environment but for OI_INSTANCE_ID and OI_EPOCH, which the keeper adds.</param>
/// <param name="Cwd">Absolute; null is the instance's <c>files</c> folder.</param>
/// <param name="NeverEof">The program's stdin never reads end of file.</param>
/// <param name="ConsoleMaxBytes">Bound of the segment files.</param>
public sealed record StartRequest(
    Guid InstanceId,
    long Epoch,
    IReadOnlyList<string> Command,
    IReadOnlyDictionary<string, string> Env,
    string? Cwd,
    bool NeverEof,
    long ConsoleMaxBytes) : KeeperRequest
{
    /// <summary>The console tells stdout and stderr apart.</summary>
    public bool Split { get; init; }

    /// <summary>The least offset of its output, if the console ends below it: what an instance printed on another node is below it.</summary>
    public long ConsoleFrom { get; init; }

    /// <summary>It may be started on another node once this one's lease has run out, and is killed when it does.</summary>
    public bool Move { get; init; }

    /// <summary>
    /// The node's registration that it was meant for, as leases name it. What may move is not started under a lease of
    /// another one: this request may have waited long. A keeper that doesn't look at it has the silo's word only.
    /// </summary>
    public string? Incarnation { get; init; }

    /// <summary>What the silo wants to find again in the record; means nothing to the keeper.</summary>
    public string? Note { get; init; }

    /// <summary>Null is the keeper's own user.</summary>
    public RunUser? User { get; init; }

    /// <summary>Null limits nothing.</summary>
    public RunLimits? Limits { get; init; }
}

/// <summary>Whom a program runs as.</summary>
/// <param name="Groups">Besides <paramref name="Gid"/>.</param>
/// <param name="NoNewPrivileges">Programs that would give it rights, as sudo does, don't.</param>
public sealed record RunUser(uint Uid, uint Gid, IReadOnlyList<uint> Groups, bool NoNewPrivileges);

/// <summary>What a run's whole tree may use; 0 is without limit.</summary>
/// <param name="Cpus">Processors' worth of time.</param>
/// <param name="Pids">Processes and threads.</param>
/// <param name="Required">Don't start it when one can't be enforced.</param>
public sealed record RunLimits(long MemoryBytes, double Cpus, int Pids, bool Required);

/// <summary>
/// Signals the whole tree (continued if it was paused), kills what is left after <paramref name="TimeoutMs"/>. Replies at once;
/// the end comes as a notice. An epoch that was never started is closed: recorded as exited, never started.
/// A second stop can only shorten the time that is left.
/// </summary>
public sealed record StopRequest(Guid InstanceId, long Epoch, int Signal, int TimeoutMs) : KeeperRequest;

/// <summary>Signals the program's own process.</summary>
public sealed record SignalRequest(Guid InstanceId, long Epoch, int Signal) : KeeperRequest;

/// <summary>Stops the whole tree in place; replies when all of it stands.</summary>
public sealed record PauseRequest(Guid InstanceId, long Epoch) : KeeperRequest;

public sealed record ResumeRequest(Guid InstanceId, long Epoch) : KeeperRequest;

/// <summary>Drops the keeper's own write end of the run's stdin FIFO.</summary>
public sealed record CloseInputRequest(Guid InstanceId, long Epoch) : KeeperRequest;

/// <summary>
/// Asks for one notice as soon as the console of a living run is longer than <paramref name="From"/>. One watch for each
/// connection and instance: a later one takes its place.
/// </summary>
public sealed record WatchOutputRequest(Guid InstanceId, long From) : KeeperRequest;

/// <summary>
/// Until <paramref name="UntilMs"/> (CLOCK_BOOTTIME of this machine) no other node starts what may move; then the keeper kills
/// it here, unless a later lease came. From the first lease on no such run is started without a valid one.
/// </summary>
/// <param name="Incarnation">The node's registration. Within one the deadline only moves on.</param>
public sealed record LeaseRequest(string Incarnation, long UntilMs) : KeeperRequest;

/// <summary>
/// Runs a command beside a run's program: as one of the run's tree, with its limits. From then on the connection is the
/// command's own. The reply (<see cref="KeeperMessage.Exec"/>) carries descriptors (<see cref="PassedDescriptors"/>): of a
/// terminal the one that controls it, else the ends of stdin, stdout and stderr, in this order. The command's end is the
/// one message that follows. When the connection ends, the command and all that it started are ended.
/// </summary>
/// <param name="ExecId">Names it; random.</param>
/// <param name="Env">As in a start.</param>
/// <param name="Cwd">As in a start.</param>
public sealed record ExecRequest(
    Guid ExecId,
    Guid InstanceId,
    long Epoch,
    IReadOnlyList<string> Command,
    IReadOnlyDictionary<string, string> Env,
    string? Cwd) : KeeperRequest
{
    /// <summary>Null is the keeper's own user.</summary>
    public RunUser? User { get; init; }

    /// <summary>The size of the terminal that it gets; null for three pipes.</summary>
    public WindowSize? Terminal { get; init; }
}

/// <summary>In characters.</summary>
public sealed record WindowSize(ushort Columns, ushort Rows);

/// <summary>The end of this run is stored elsewhere: no more notices of it.</summary>
public sealed record AcknowledgeRequest(Guid InstanceId, long Epoch) : KeeperRequest;

/// <summary>Deletes the instance's folder; refused while it runs.</summary>
public sealed record RemoveRequest(Guid InstanceId) : KeeperRequest;

/// <summary>Stops every run as a requested stop, then ends the keeper; replies when nothing runs any more.</summary>
public sealed record ShutdownRequest(int TimeoutMs) : KeeperRequest;

/// <summary>From the keeper to the silo: a reply (<see cref="Seq"/> above 0) or a notice (0).</summary>
public sealed record KeeperMessage
{
    public long Seq { get; init; }

    /// <summary>Null on success.</summary>
    public KeeperError? Error { get; init; }

    /// <summary>The reply to hello.</summary>
    public KeeperIdentity? Keeper { get; init; }

    /// <summary>The reply to list.</summary>
    public IReadOnlyList<RunRecord>? Runs { get; init; }

    /// <summary>The run a reply or notice is about, as it is now.</summary>
    public RunRecord? Run { get; init; }

    /// <summary>The notice that a watch asked for.</summary>
    public OutputNotice? Output { get; init; }

    /// <summary>What became of a command that was to run beside a program.</summary>
    public ExecStatus? Exec { get; init; }
}

/// <param name="ExitCode">0 to 255, 128 + n for a signal n; 127 when the program was not found, 126 when it can't be executed. Null while it runs.</param>
/// <param name="Signal">The signal's number.</param>
/// <param name="Message">Why it was not started; nothing ran then.</param>
public sealed record ExecStatus(int? ExitCode, int? Signal, string? Message);

/// <param name="End">Console length.</param>
public sealed record OutputNotice(Guid InstanceId, long End);

/// <param name="BootId">Of the machine, from /proc/sys/kernel/random/boot_id.</param>
public sealed record KeeperIdentity(int Version, int Pid, string BootId);

/// <param name="Code">One of <see cref="KeeperErrorCodes"/>.</param>
public sealed record KeeperError(string Code, string Message);

public static class KeeperErrorCodes
{
    /// <summary>The epoch is below the highest one seen.</summary>
    public const string Stale = "stale";

    /// <summary>Not possible while the run is in its phase: signalling what has ended, removing what runs.</summary>
    public const string Conflict = "conflict";

    /// <summary>The node's lease has run out.</summary>
    public const string Fenced = "fenced";

    /// <summary>No record of that run.</summary>
    public const string Unknown = "unknown";

    /// <summary>Unreadable message, or a first message other than hello.</summary>
    public const string Protocol = "protocol";

    /// <summary>The keeper itself could not do it (disk, descriptors); the message says what failed.</summary>
    public const string Failed = "failed";
}
