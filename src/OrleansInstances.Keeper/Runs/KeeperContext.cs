using OrleansInstances.Keeper.Cgroups;
using OrleansInstances.Keeper.Console;
using OrleansInstances.Keeper.Interop;
using OrleansInstances.Keeper.Loop;
using OrleansInstances.Keeper.Processes;

namespace OrleansInstances.Keeper.Runs;

/// <summary>What everything that drives runs needs from the keeper.</summary>
/// <param name="DataFolder">Absolute.</param>
/// <param name="BootId">From /proc/sys/kernel/random/boot_id.</param>
/// <param name="OpenFilesLimit">Descriptors this process may have open.</param>
/// <param name="Cgroups">For runs with limits.</param>
/// <param name="Ended">Told of every run whose end is recorded.</param>
internal sealed record KeeperContext(
    string DataFolder,
    string BootId,
    long OpenFilesLimit,
    EventLoop Loop,
    TreeScans Scans,
    RunCgroups Cgroups,
    TimeProvider Time,
    KeeperLog Logger,
    Action<Run> Ended)
{
    // Kept free for what comes after a start: clients, passes over /proc, records, new segments.
    private const int SpareDescriptors = 40;

    public DateTimeOffset Now => Time.GetUtcNow();

    /// <param name="newest">The lowest free descriptor a moment ago; all above it are free, or there is none this high.</param>
    /// <exception cref="PosixException">There are too few left to start anything.</exception>
    public void RequireSpareDescriptors(int newest)
    {
        if (newest + SpareDescriptors >= OpenFilesLimit)
        {
            throw new PosixException($"No file descriptors are left for another run (limit {OpenFilesLimit})", Errno.TooManyFiles);
        }
    }

    /// <summary>Opens a run's console and the FIFOs that it is filled from.</summary>
    /// <exception cref="IOException">Disk or descriptors ran out.</exception>
    public ConsoleCapture OpenCapture(Run run)
    {
        var record = run.Record;
        var pipes = RunFifos.OpenOutputs(run.Folder, record.Epoch, record.Split);
        try
        {
            var writer = ConsoleWriter.Open(run.Folder.Console, record.ConsoleMaxBytes, record.ConsoleEnd, Time);
            return new ConsoleCapture(Loop, Logger, record.InstanceId, writer, pipes);
        }
        catch
        {
            foreach (var pipe in pipes)
            {
                pipe.Dispose();
            }

            throw;
        }
    }
}
