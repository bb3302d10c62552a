using OrleansInstances.Keeper.Cgroups;
using OrleansInstances.Keeper.Console;
using OrleansInstances.Keeper.Interop;
using OrleansInstances.Keeper.Processes;
using OrleansInstances.Keeper.Protocol;

namespace OrleansInstances.Keeper.Runs;

/// <summary>
/// Brings up a run. Everything that can run out is taken first, so that a failure of the keeper's own leaves no trace; then
/// the record says Starting; then the program is executed. Whatever goes wrong from there on is the outcome of this epoch.
/// </summary>
internal sealed partial class RunStart(KeeperContext context)
{
    private readonly KeeperLog _logger = context.Logger;

    /// <param name="consoleEnd">The console's length as the instance's earlier record has it.</param>
    /// <param name="mainEnded">Called when the program ends.</param>
    /// <returns>The run, alive or failed to start.</returns>
    /// <exception cref="IOException">Disk or descriptors ran out; nothing was started or recorded.</exception>
    public Run Begin(StartRequest request, long consoleEnd, Action<Run> mainEnded)
    {
        var folder = new InstanceFolder(context.DataFolder, request.InstanceId);
        Directory.CreateDirectory(folder.Files);
        var starting = new RunRecord
        {
            InstanceId = request.InstanceId,
            Epoch = request.Epoch,
            Phase = RunRecordPhase.Starting,
            BootId = context.BootId,
            StartedAt = context.Now,
            ConsoleEnd = Math.Max(Math.Max(consoleEnd, request.ConsoleFrom), ConsoleSegments.End(folder.Console)),
            ConsoleMaxBytes = request.ConsoleMaxBytes,
            NeverEof = request.NeverEof,
            Split = request.Split,
            Move = request.Move,
            Note = request.Note,
        };

        var run = new Run(folder, starting, context.Logger);
        var cwd = request.Cwd ?? folder.Files;
        var program = ProgramFile.Find(request.Command, request.Env, cwd, request.User);
        if (program.Path is null)
        {
            run.Save(Failed(starting, program.Problem!));
            return run;
        }

        var order = new SpawnOrder(program.Path, request.Command, new ProcessMark(run.Mark, Exec: null).AddTo(request.Env), cwd) { User = request.User };
        var cgroup = request.Limits is { } limits ? context.Cgroups.Create(request.InstanceId, request.Epoch, limits) : null;
        try
        {
            if (request.Limits is { Required: true } && !cgroup!.Enforced.IsWhole)
            {
                run.Save(Failed(starting, cgroup.Enforced.Why!));
                return run;
            }

            Bring(run, order, cgroup, mainEnded);
            return run;
        }
        finally
        {
            if (run.Main is null)
            {
                RunCgroup.Remove(cgroup?.Folders ?? []);
            }
        }
    }

    private void Bring(Run run, SpawnOrder order, RunCgroup? cgroup, Action<Run> mainEnded)
    {
        var (folder, epoch) = (run.Folder, run.Record.Epoch);
        ConsoleCapture? capture = null;
        int? stdin = null;
        var stdinReader = -1;
        try
        {
            RunFifos.Make(folder, epoch, run.Record.Split);
            if (order.User is { } user)
            {
                UserAccess.Grant(folder, epoch, run.Record.Split, user);
            }

            capture = context.OpenCapture(run);

            // Opening a FIFO for reading waits for a writer and the other way round; this end stands in for both.
            stdinReader = Posix.Open(folder.Stdin(epoch), OpenFlags.ReadWrite | OpenFlags.NonBlocking);
            stdin = RunFifos.TryOpenStdin(folder, epoch);
            using var ends = new RunEnds(folder, run.Record);
            context.RequireSpareDescriptors(ends.Descriptors.Stderr);
            run.Save(run.Record with { Enforced = cgroup?.Enforced, Cgroup = cgroup?.Folders });

            var (main, problem) = Spawn.TryExecute(order, ends.Descriptors, cgroup);
            if (main is null)
            {
                run.Note(Failed(run.Record, problem!));
                RunFifos.Remove(folder, epoch);
                return;
            }

            run.Attach(main, capture, stdin);
            context.Scans.RunSessions.Add(main.Pid);
            (capture, stdin) = (null, null);
        }
        finally
        {
            capture?.Dispose();
            if (stdinReader >= 0)
            {
                Posix.Close(stdinReader);
            }

            if (stdin is { } fd)
            {
                Posix.Close(fd);
            }
        }

        run.Note(run.Record with { Phase = RunRecordPhase.Running, Pid = run.Main!.Pid, StartTicks = run.Main.StartTicks });
        run.Watch(context.Loop, mainEnded);
        RunFifos.RemoveOthers(folder, epoch);
        LogStarted(run.Record.InstanceId, epoch, run.Record.Pid);
    }

    private RunRecord Failed(RunRecord record, string message) =>
        record with { Phase = RunRecordPhase.StartFailed, EndedAt = context.Now, Message = message };
}
