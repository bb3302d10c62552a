using OrleansInstances.Keeper.Console;
using OrleansInstances.Keeper.Interop;
using OrleansInstances.Keeper.Loop;
using OrleansInstances.Keeper.Processes;
using OrleansInstances.Keeper.Protocol;

namespace OrleansInstances.Keeper.Runs;

/// <summary>An instance's latest run: its record, and while it is alive what the keeper holds of it.</summary>
internal sealed partial class Run(InstanceFolder folder, RunRecord record, KeeperLog logger)
{
    private readonly KeeperLog _logger = logger;
    private Watch? _endWatch;
    private int? _stdin;

    public InstanceFolder Folder => folder;

    public RunRecord Record { get; private set; } = record;

    public bool IsAlive => IsAlivePhase(Record.Phase);

    /// <summary>The program's own process; null before the start and when it ended unseen.</summary>
    public MainProcess? Main { get; private set; }

    /// <summary>Null once the run has ended.</summary>
    public ConsoleCapture? Capture { get; private set; }

    public OutputWatches OutputWatches { get; } = new(record.InstanceId);

    /// <summary>Sessions of commands that run beside the program: they are of the tree.</summary>
    public HashSet<int> ExecSessions { get; } = [];

    /// <summary>The program has ended; what it left is being cleared away.</summary>
    public bool IsEnding { get; private set; }

    /// <summary>When what is left of a stop's tree is killed.</summary>
    public Deadline? StopDeadline { get; set; }

    /// <summary>A pause that isn't complete yet.</summary>
    public RunPause? Pause { get; set; }

    /// <summary>What its processes carry.</summary>
    public RunMark Mark => new(Record.InstanceId, Record.Epoch);

    public static bool IsAlivePhase(RunRecordPhase phase) =>
        phase is RunRecordPhase.Starting or RunRecordPhase.Running or RunRecordPhase.Paused or RunRecordPhase.Stopping;

    /// <summary>Makes <paramref name="next"/> the record, on disk first.</summary>
    /// <exception cref="IOException">It couldn't be written; the record is what it was.</exception>
    public void Save(RunRecord next)
    {
        RunFile.Write(folder, next);
        Record = next;
    }

    /// <summary>
    /// Makes <paramref name="next"/> the record even when the disk takes nothing: for steps that a next keeper finds out
    /// by itself, and that must not fail on a full disk.
    /// </summary>
    public void Note(RunRecord next)
    {
        Record = next;
        try
        {
            RunFile.Write(folder, next);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            LogNotRecorded(failure, next.InstanceId, next.Epoch, next.Phase);
        }
    }

    /// <summary>Takes over what belongs to a living run.</summary>
    /// <param name="main">Null when the program ended unseen.</param>
    /// <param name="stdin">A write end; null when the input was closed.</param>
    public void Attach(MainProcess? main, ConsoleCapture capture, int? stdin)
    {
        Main = main;
        Capture = capture;
        capture.Grew = () => OutputWatches.Tell(capture.End);
        _stdin = stdin;
    }

    /// <summary>Begins to capture output and to wait for the end.</summary>
    public void Watch(EventLoop loop, Action<Run> mainEnded)
    {
        Capture!.Begin();
        _endWatch = loop.Watch(Main!.Pidfd, PollEvents.In, _ => mainEnded(this));
    }

    /// <summary>The run's tree as a table shows it, the program itself included.</summary>
    public IEnumerable<TreeMember> Members(ProcessTable table)
    {
        var own = Session();
        return table.MembersOf(mark => mark.Run == Mark, session => session == own || ExecSessions.Contains(session));
    }

    public void CloseStdin()
    {
        if (_stdin is { } fd)
        {
            Posix.Close(fd);
            _stdin = null;
        }
    }

    /// <summary>From here on only the end is awaited: no more deadlines, no pause.</summary>
    public void BeginEnding()
    {
        IsEnding = true;
        _endWatch?.Dispose();
        StopDeadline?.Cancel();
        Pause?.Fail("it ended");
        CloseStdin();
    }

    /// <summary>Gives up everything but the record.</summary>
    public void Release()
    {
        Main?.Dispose();
        Main = null;
        Capture?.Dispose();
        Capture = null;
        IsEnding = false;
    }

    // The kernel keeps a session's number taken while the session has members. Whoever has that number without being the
    // program itself shows that the session is gone.
    private int? Session()
    {
        if (Record.Pid == 0)
        {
            return null;
        }

        return ProcessStat.Read(Record.Pid) is { } stat && stat.StartTicks != Record.StartTicks ? null : Record.Pid;
    }
}
