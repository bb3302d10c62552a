using OrleansInstances.Keeper.Interop;
using OrleansInstances.Keeper.Loop;
using OrleansInstances.Keeper.Processes;
using OrleansInstances.Keeper.Protocol;
using OrleansInstances.Keeper.Runs;

namespace OrleansInstances.Keeper.Execs;

/// <summary>
/// A command that runs beside a run's program, in a session of its own. It lives no longer than its connection, and what
/// it leaves behind no longer than the drain time after its own end; the session is over when both are gone.
/// </summary>
/// <param name="leader">The command's own process.</param>
/// <param name="connection">Owned.</param>
/// <param name="over">Called once.</param>
internal sealed class ExecSession(Guid id, Run run, MainProcess leader, int connection, KeeperContext context, Action<ExecSession> over)
{
    /// <summary>For the rest of the tree to write what it has, after the command's end.</summary>
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(1);

    /// <summary>For a command whose connection has ended to see to its files.</summary>
    private static readonly TimeSpan HangUpTime = TimeSpan.FromMilliseconds(500);

    private Watch? _connectionWatch;
    private Watch? _leaderWatch;
    private Deadline? _kill;
    private bool _isKilling;
    private bool _isTreeGone;

    public Guid Id => id;

    /// <summary>The command's own process.</summary>
    public int Pid => leader.Pid;

    /// <summary>Tells that it runs, along with the silo's descriptors.</summary>
    public void Begin(KeeperMessage started, int[] descriptors)
    {
        run.ExecSessions.Add(leader.Pid);
        context.Scans.RunSessions.Add(leader.Pid);
        _connectionWatch = context.Loop.Watch(connection, PollEvents.In, _ => EndConnection());
        _leaderWatch = context.Loop.Watch(leader.Pidfd, PollEvents.In, _ => EndLeader());
        if (PassedDescriptors.TrySend(connection, KeeperJson.Line(started), descriptors) != 0)
        {
            EndConnection();
        }
    }

    /// <summary>It has ended, or somebody speaks on it, which nobody is to do.</summary>
    private void EndConnection()
    {
        CloseConnection();
        if (_isTreeGone)
        {
            over(this);
        }
        else if (_leaderWatch is null)
        {
            Kill();
        }
        else
        {
            _ = leader.TrySignal(Signals.HangUp);
            _ = leader.TrySignal(Signals.Continue);
            _kill = context.Loop.After(HangUpTime, Kill);
        }
    }

    private void EndLeader()
    {
        UnwatchLeader();
        if (_connectionWatch is null)
        {
            Kill();
            return;
        }

        var status = leader.PeekExitStatus();
        var line = KeeperJson.Line(new KeeperMessage { Exec = new ExecStatus(status?.Code, status?.Signal, null) });
        _ = Posix.TrySend(connection, line, out _);
        _kill = context.Loop.After(DrainTime, Kill);
    }

    private void Kill()
    {
        _kill?.Cancel();
        if (!_isKilling)
        {
            _isKilling = true;
            new TreeKill(context.Loop, context.Scans, Members, EndTree).Begin();
        }
    }

    private IEnumerable<TreeMember> Members(ProcessTable table) => table.MembersOf(mark => mark.Exec == id, session => session == leader.Pid);

    private void EndTree()
    {
        UnwatchLeader();

        // Reaped no earlier than here: until then the number of the session stays taken.
        _ = leader.TakeExitStatus();
        leader.Dispose();
        run.ExecSessions.Remove(leader.Pid);
        context.Scans.RunSessions.Remove(leader.Pid);
        _isTreeGone = true;
        if (_connectionWatch is null)
        {
            over(this);
        }
    }

    private void UnwatchLeader()
    {
        _leaderWatch?.Dispose();
        _leaderWatch = null;
    }

    private void CloseConnection()
    {
        _connectionWatch?.Dispose();
        _connectionWatch = null;
        Posix.Close(connection);
    }
}
