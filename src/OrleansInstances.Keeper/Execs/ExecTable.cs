using OrleansInstances.Keeper.Cgroups;
using OrleansInstances.Keeper.Connections;
using OrleansInstances.Keeper.Interop;
using OrleansInstances.Keeper.Processes;
using OrleansInstances.Keeper.Protocol;
using OrleansInstances.Keeper.Runs;

namespace OrleansInstances.Keeper.Execs;

/// <summary>The commands that run beside the programs of runs, each on a connection of its own.</summary>
internal sealed class ExecTable(KeeperContext context, RunTable runs)
{
    /// <summary>The silo's own bound is lower; this one bounds the keeper's memory.</summary>
    private const int MaxSessions = 4096;

    private const int NotFound = 127;
    private const int NotExecutable = 126;

    private readonly Dictionary<Guid, ExecSession> _sessions = [];

    /// <summary>Starts a command. On success the request's connection is the session's from now on.</summary>
    public void Begin(ExecRequest request, ReplyTo reply)
    {
        if (runs.FindRunning(request.InstanceId, request.Epoch, out var refusal) is not { } run)
        {
            reply.Send(refusal!);
        }
        else if (run.Record.Phase != RunRecordPhase.Running || run.Pause is not null)
        {
            reply.Send(Replies.Refused(KeeperErrorCodes.Conflict, "It is paused or being stopped.", run.Record));
        }
        else if (_sessions.Count >= MaxSessions || _sessions.ContainsKey(request.ExecId))
        {
            reply.Send(Replies.Refused(KeeperErrorCodes.Failed, $"{_sessions.Count} commands run already, this one among them or as many as there may be."));
        }
        else
        {
            Begin(request, run, reply);
        }
    }

    /// <summary>A session reaps this child.</summary>
    public bool Awaits(int pid) => _sessions.Values.Any(session => session.Pid == pid);

    /// <summary>Ends what an earlier keeper left of such commands: their connections ended with it.</summary>
    public void KillStrays()
    {
        if (runs.Alive.Any())
        {
            new TreeKill(context.Loop, context.Scans, Strays, () => { }).Begin();
        }
    }

    private void Begin(ExecRequest request, Run run, ReplyTo reply)
    {
        var cwd = request.Cwd ?? run.Folder.Files;
        var program = ProgramFile.Find(request.Command, request.Env, cwd, request.User);
        if (program.Path is null)
        {
            reply.Send(NotStarted(program.IsMissing ? NotFound : NotExecutable, program.Problem!));
            return;
        }

        using var ends = ExecEnds.Open(request.Terminal, request.User);
        context.RequireSpareDescriptors(ends.Silo[^1]);
        var environment = new ProcessMark(run.Mark, request.ExecId).AddTo(request.Env);
        var order = new SpawnOrder(program.Path, request.Command, environment, cwd) { User = request.User };
        var cgroup = run.Record is { Cgroup: { } folders, Enforced: { } enforced } ? new RunCgroup(folders, enforced) : null;
        var (leader, problem) = Spawn.TryExecute(order, ends.Command, cgroup);
        if (leader is null)
        {
            reply.Send(NotStarted(NotExecutable, problem!));
            return;
        }

        var session = new ExecSession(request.ExecId, run, leader, reply.Connection.Detach(), context, Forget);
        _sessions.Add(session.Id, session);
        session.Begin(new KeeperMessage { Seq = reply.Seq, Exec = new ExecStatus(null, null, null) }, ends.Silo);
    }

    private IEnumerable<TreeMember> Strays(ProcessTable table) => table.MembersOf(
        mark => mark.Exec is { } exec && !_sessions.ContainsKey(exec) && runs.Find(mark.Run.InstanceId)?.Record.Epoch == mark.Run.Epoch,
        _ => false);

    private void Forget(ExecSession session) => _sessions.Remove(session.Id);

    private static KeeperMessage NotStarted(int code, string message) => new() { Exec = new ExecStatus(code, null, message) };
}
