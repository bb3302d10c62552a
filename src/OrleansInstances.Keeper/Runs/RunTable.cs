using OrleansInstances.Keeper.Protocol;

namespace OrleansInstances.Keeper.Runs;

/// <summary>Every instance's latest run.</summary>
internal sealed class RunTable
{
    private readonly Dictionary<Guid, Run> _runs = [];

    public IEnumerable<Run> All => _runs.Values;

    public IEnumerable<Run> Alive => _runs.Values.Where(run => run.IsAlive);

    /// <summary>Up to <paramref name="limit"/> runs by ascending instance id, from the one behind <paramref name="after"/>.</summary>
    public IEnumerable<Run> Page(Guid? after, int limit) => _runs
        .Where(run => after is null || run.Key.CompareTo(after.Value) > 0)
        .OrderBy(run => run.Key)
        .Take(limit)
        .Select(run => run.Value);

    public Run? Find(Guid instanceId) => _runs.GetValueOrDefault(instanceId);

    /// <summary>Makes it the instance's latest.</summary>
    public void Set(Run run) => _runs[run.Record.InstanceId] = run;

    public void Remove(Guid instanceId) => _runs.Remove(instanceId);

    /// <summary>The run of exactly this epoch; otherwise null, and the refusal that says why.</summary>
    public Run? Find(Guid instanceId, long epoch, out KeeperMessage? refusal)
    {
        var run = Find(instanceId);
        refusal = run switch
        {
            null => Replies.Refused(KeeperErrorCodes.Unknown, $"Instance {instanceId} has no run here."),
            _ when run.Record.Epoch > epoch => Stale(run, epoch),
            _ when run.Record.Epoch < epoch => Replies.Refused(KeeperErrorCodes.Unknown, $"Epoch {epoch} was never started; the latest is {run.Record.Epoch}.", run.Record),
            _ => null,
        };
        return refusal is null ? run : null;
    }

    /// <summary>Like <see cref="Find(Guid, long, out KeeperMessage?)"/>, and its program must not have ended.</summary>
    public Run? FindRunning(Guid instanceId, long epoch, out KeeperMessage? refusal)
    {
        var run = Find(instanceId, epoch, out refusal);
        if (run is { IsAlive: false } or { IsEnding: true })
        {
            refusal = Replies.Refused(KeeperErrorCodes.Conflict, "It has ended.", run.Record);
            return null;
        }

        return run;
    }

    public static KeeperMessage Stale(Run run, long epoch) =>
        Replies.Refused(KeeperErrorCodes.Stale, $"Epoch {epoch} is over; the latest is {run.Record.Epoch}.", run.Record);
}
