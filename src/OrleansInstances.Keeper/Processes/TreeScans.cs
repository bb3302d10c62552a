using OrleansInstances.Keeper.Loop;

namespace OrleansInstances.Keeper.Processes;

/// <summary>Collects what needs a look at /proc during a batch of events and serves it all with one pass.</summary>
internal sealed partial class TreeScans(EventLoop loop, KeeperLog logger)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(100);

    private readonly HashSet<int> _runSessions = [];
    private List<Action<ProcessTable>> _waiting = [];

    /// <summary>Calls <paramref name="work"/> with a table that is scanned after this call. It must bear being called again after it failed.</summary>
    public void Request(Action<ProcessTable> work) => _waiting.Add(work);

    /// <summary>Sessions of runs and of commands beside them, from when their first process is known until their end is done with.</summary>
    public ISet<int> RunSessions => _runSessions;

    public void ServeAll()
    {
        if (_waiting.Count == 0)
        {
            return;
        }

        var serving = _waiting;
        _waiting = [];
        try
        {
            var table = ProcessTable.Scan(_runSessions);
            while (serving is [.., var work])
            {
                work(table);
                serving.RemoveAt(serving.Count - 1);
            }
        }
        catch (IOException failure)
        {
            // Descriptors or memory ran out, of the machine if not ours. The trees are still there: look again.
            LogScanFailed(failure);
            loop.After(RetryAfter, () => _waiting.AddRange(serving));
        }
    }
}
