using OrleansInstances.Keeper.Connections;
using OrleansInstances.Keeper.Interop;
using OrleansInstances.Keeper.Processes;
using OrleansInstances.Keeper.Protocol;

namespace OrleansInstances.Keeper.Runs;

/// <summary>Stops a run's tree in place: SIGSTOP to every member until a pass over /proc shows all of them standing.</summary>
internal sealed class RunPause(Run run, KeeperContext context)
{
    private const int PassesWhenInexact = 2;

    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(1);

    // A process in an uninterruptible wait, on a dead network disk say, stands only when that ends.
    private static readonly TimeSpan LongestTry = TimeSpan.FromSeconds(5);

    private readonly List<ReplyTo> _waiting = [];
    private readonly long _begun = context.Time.GetTimestamp();
    private int _standingPasses;
    private bool _over;

    public void Begin()
    {
        run.Pause = this;
        _ = run.Main!.TrySignal(Signals.Stop);
        context.Scans.Request(Look);
    }

    /// <summary>Replies to one more once it is done.</summary>
    public void Await(ReplyTo reply) => _waiting.Add(reply);

    public void Fail(string why) =>
        Finish(Replies.Refused(KeeperErrorCodes.Conflict, $"The pause was broken off: {why}.", run.Record));

    private void Look(ProcessTable table)
    {
        if (_over)
        {
            return;
        }

        var standing = true;
        foreach (var member in run.Members(table).Where(member => !member.Stat.IsStopped))
        {
            standing = false;
            member.Signal(Signals.Stop);
        }

        _standingPasses = standing ? _standingPasses + 1 : 0;
        if (standing && (table.IsExact || _standingPasses >= PassesWhenInexact))
        {
            run.Note(run.Record with { Phase = RunRecordPhase.Paused });
            Finish(Replies.Of(run.Record));
        }
        else if (context.Time.GetElapsedTime(_begun) > LongestTry)
        {
            foreach (var member in run.Members(table))
            {
                member.Signal(Signals.Continue);
            }

            Finish(Replies.Refused(KeeperErrorCodes.Failed, $"Not every process stood still within {LongestTry.TotalSeconds:0} s.", run.Record));
        }
        else
        {
            context.Loop.After(standing ? TimeSpan.Zero : LookAgainAfter, () => context.Scans.Request(Look));
        }
    }

    private void Finish(KeeperMessage outcome)
    {
        _over = true;
        run.Pause = null;
        foreach (var reply in _waiting)
        {
            reply.Send(outcome);
        }
    }
}
