using OrleansInstances.Keeper.Protocol;

namespace OrleansInstances.Nodes.Usage;

/// <summary>What all running instances used at one moment, with what the next sample needs to tell the difference.</summary>
internal sealed class UsageSample
{
    /// <summary>USER_HZ, the same on every architecture that .NET runs on.</summary>
    private const double TicksPerSecond = 100;

    private readonly Dictionary<Guid, (long Epoch, long CpuTicks, InstanceUsage Usage)> _usages = [];

    /// <summary>When it was taken, in the time provider's timestamps.</summary>
    public required long Timestamp { get; init; }

    public static UsageSample Take(IReadOnlyList<RunRecord> runs, UsageSample? previous, TimeProvider time)
    {
        var processes = ProcessTree.Read();
        var sample = new UsageSample { Timestamp = time.GetTimestamp() };
        sample.Fill(processes, runs, previous, time);
        return sample;
    }

    public InstanceUsage? Find(Guid id) => _usages.TryGetValue(id, out var entry) ? entry.Usage : null;

    public bool Has(RunRecord run) => _usages.TryGetValue(run.InstanceId, out var entry) && entry.Epoch == run.Epoch;

    private void Fill(ProcessTree processes, IReadOnlyList<RunRecord> runs, UsageSample? previous, TimeProvider time)
    {
        var now = time.GetUtcNow();
        var living = runs.Where(run => processes.IsAlive(run.Pid, run.StartTicks)).ToList();
        var sums = processes.Sum(living.Select(run => run.Pid).ToHashSet());
        foreach (var run in living)
        {
            var (ticks, pages) = sums[run.Pid];
            var uptime = now - run.StartedAt;
            var (before, period) = previous is not null && previous._usages.TryGetValue(run.InstanceId, out var last) && last.Epoch == run.Epoch
                ? (last.CpuTicks, time.GetElapsedTime(previous.Timestamp, Timestamp))
                : (0, uptime);
            _usages[run.InstanceId] = (run.Epoch, ticks, new InstanceUsage(
                run.InstanceId,
                CpuPercent(ticks - before, period),
                pages * Environment.SystemPageSize,
                DiskBytes: 0,
                Heartbeat: now,
                Uptime: uptime < TimeSpan.Zero ? TimeSpan.Zero : uptime));
        }
    }

    /// <summary>Of one core. A tree that lost a process nobody waited for has fewer ticks than before: that counts as none.</summary>
    private static double CpuPercent(long ticks, TimeSpan period) =>
        period > TimeSpan.Zero ? Math.Max(0, ticks / TicksPerSecond / period.TotalSeconds * 100) : 0;
}
