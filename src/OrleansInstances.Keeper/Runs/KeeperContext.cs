using Microsoft.Extensions.Logging;
using OrleansInstances.Keeper.Loop;
using OrleansInstances.Keeper.Processes;

namespace OrleansInstances.Keeper.Runs;

/// <summary>What everything that drives runs needs from the keeper.</summary>
/// <param name="DataFolder">Absolute.</param>
/// <param name="BootId">From /proc/sys/kernel/random/boot_id.</param>
/// <param name="OpenFilesLimit">Descriptors this process may have open.</param>
/// <param name="Ended">Told of every run whose end is recorded.</param>
internal sealed record KeeperContext(
    string DataFolder,
    string BootId,
    long OpenFilesLimit,
    EventLoop Loop,
    TreeScans Scans,
    TimeProvider Time,
    ILogger Logger,
    Action<Run> Ended)
{
    public DateTimeOffset Now => Time.GetUtcNow();
}
