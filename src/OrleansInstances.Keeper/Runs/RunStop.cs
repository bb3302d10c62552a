using OrleansInstances.Keeper.Interop;
using OrleansInstances.Keeper.Protocol;

namespace OrleansInstances.Keeper.Runs;

/// <summary>Stops a run: the signal to its whole tree, and at the deadline the end of whatever is left.</summary>
internal sealed class RunStop(KeeperContext context)
{
    private static readonly TimeSpan KillAgainAfter = TimeSpan.FromMilliseconds(100);

    /// <summary>Begins a stop, or makes the one that is under way shorter. The run must be alive.</summary>
    public void Begin(Run run, int signal, TimeSpan timeout)
    {
        if (run.IsEnding)
        {
            run.Note(run.Record with { StopRequested = true });
            return;
        }

        if (run.Record is { Phase: RunRecordPhase.Stopping, StopSignal: var sent } && sent == signal)
        {
            SetDeadline(run, timeout);
            return;
        }

        run.Pause?.Fail("it is being stopped");
        run.Note(run.Record with
        {
            Phase = RunRecordPhase.Stopping,
            StopRequested = true,
            StopSignal = signal,
            StopTimeoutMs = (int)timeout.TotalMilliseconds,
        });

        SignalTree(run, signal);
        SetDeadline(run, timeout);
    }

    /// <summary>Kills a run whose node has lost the right to it, also when it is being stopped. The run must be alive.</summary>
    public void Fence(Run run)
    {
        if (run.IsEnding)
        {
            return;
        }

        run.Pause?.Fail("it is being killed");
        run.StopDeadline?.Cancel();
        run.Note(run.Record with { Phase = RunRecordPhase.Stopping, Fenced = true, StopSignal = Signals.Kill, StopTimeoutMs = 0 });
        Kill(run);
    }

    /// <summary>Goes on with a stop that another keeper began; it can't be known whether the signal was sent.</summary>
    public void GoOn(Run run)
    {
        SignalTree(run, run.Record.StopSignal ?? Signals.Terminate);
        SetDeadline(run, TimeSpan.FromMilliseconds(run.Record.StopTimeoutMs ?? 0));
    }

    /// <summary>Continued too: what stands still, by a pause or by itself, could not act on the signal.</summary>
    private void SignalTree(Run run, int signal)
    {
        // The program itself at once; the pass over /proc for the others may wait for more work to share it with.
        // ESRCH alone is possible, and its end is on its way.
        _ = run.Main!.TrySignal(signal);
        _ = run.Main.TrySignal(Signals.Continue);
        context.Scans.Request(table =>
        {
            foreach (var member in run.Members(table).Where(member => member.Pid != run.Record.Pid))
            {
                member.Signal(signal);
                member.Signal(Signals.Continue);
            }
        });
    }

    private void SetDeadline(Run run, TimeSpan timeout)
    {
        var deadline = context.Loop.After(timeout, () => Kill(run));
        if (run.StopDeadline is { Callback: not null } earlier)
        {
            if (earlier.Due <= deadline.Due)
            {
                deadline.Cancel();
                return;
            }

            earlier.Cancel();
        }

        run.StopDeadline = deadline;
    }

    private void Kill(Run run)
    {
        if (!run.IsAlive || run.IsEnding)
        {
            return;
        }

        SignalTree(run, Signals.Kill);
        run.StopDeadline = context.Loop.After(KillAgainAfter, () => Kill(run));
    }
}
