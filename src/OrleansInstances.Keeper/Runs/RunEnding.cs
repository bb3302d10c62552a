using OrleansInstances.Keeper.Cgroups;
using OrleansInstances.Keeper.Interop;
using OrleansInstances.Keeper.Processes;
using OrleansInstances.Keeper.Protocol;

namespace OrleansInstances.Keeper.Runs;

/// <summary>
/// The way from the end of a run's program to its recorded exit: kill what is left of the tree, take the output to its
/// end, write the record, tell. Each step is repeated until it is done, so an exit that was recorded is one that nothing
/// follows.
/// </summary>
internal sealed partial class RunEnding(Run run, KeeperContext context)
{
    private static readonly TimeSpan DiskRetry = TimeSpan.FromMilliseconds(250);

    private readonly KeeperLog _logger = context.Logger;
    private bool _outputWaits;
    private ExitStatus? _status;

    public void Begin()
    {
        run.BeginEnding();
        new TreeKill(context.Loop, context.Scans, run.Members, Drain).Begin();
    }

    private void Drain()
    {
        if (run.Capture!.TryDrain())
        {
            // Reaped no earlier than here: until then the number of the session stays taken.
            _status ??= run.Main?.TakeExitStatus();
            Record();
            return;
        }

        if (!_outputWaits)
        {
            _outputWaits = true;
            LogOutputWaits(run.Record.InstanceId, run.Record.Epoch);
        }

        context.Loop.After(DiskRetry, Drain);
    }

    private const string Fenced = "The node's lease had run out: it was killed so that it can be started elsewhere.";

    private string WhyUnknown() => run.Main is null
        ? "It ended while no keeper ran; its exit code is unknown."
        : "An earlier keeper started it and this kernel tells only that one its exit code.";

    private void Record()
    {
        try
        {
            run.Save(run.Record with
            {
                Phase = RunRecordPhase.Exited,
                EndedAt = context.Now,
                ExitCode = _status?.Code,
                Signal = _status?.Signal,
                Message = run.Record.Fenced ? Fenced : _status is null ? WhyUnknown() : null,
                ConsoleEnd = run.Capture!.End,
                StopSignal = null,
                StopTimeoutMs = null,
                OomKills = RunCgroup.CountOomKills(run.Record.Cgroup ?? []),
            });
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            LogExitNotRecorded(failure, run.Record.InstanceId, run.Record.Epoch);
            context.Loop.After(DiskRetry, Record);
            return;
        }

        RunCgroup.Remove(run.Record.Cgroup ?? []);
        run.Release();
        context.Scans.RunSessions.Remove(run.Record.Pid);
        LogExited(run.Record.InstanceId, run.Record.Epoch, run.Record.ExitCode, run.Record.Signal);
        context.Ended(run);
    }
}
