using OrleansInstances.Keeper.Connections;
using OrleansInstances.Keeper.Protocol;

namespace OrleansInstances.Keeper.Runs;

/// <summary>Stops everything and then lets the keeper end.</summary>
internal sealed class Shutdown(RunTable runs, RunRequests requests, Action end)
{
    private readonly List<(ReplyTo? Reply, List<Run> Stopped)> _waiting = [];

    /// <summary>Ends once nothing is alive.</summary>
    /// <param name="timeout">What the runs get to end by themselves.</param>
    /// <param name="reply">Gets the runs that were alive.</param>
    public void Begin(TimeSpan timeout, ReplyTo? reply)
    {
        requests.IsClosed = true;
        var alive = runs.Alive.ToList();
        _waiting.Add((reply, alive));
        foreach (var run in alive)
        {
            requests.Stop(run, timeout);
        }

        Check();
    }

    /// <summary>Called whenever a run has ended.</summary>
    public void Check()
    {
        if (_waiting.Count == 0 || runs.Alive.Any())
        {
            return;
        }

        foreach (var (reply, stopped) in _waiting)
        {
            reply?.Send(new KeeperMessage { Runs = [.. stopped.Select(run => run.Record)] });
        }

        _waiting.Clear();
        end();
    }
}
