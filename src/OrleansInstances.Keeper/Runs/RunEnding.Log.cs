using Microsoft.Extensions.Logging;

namespace OrleansInstances.Keeper.Runs;

internal sealed partial class RunEnding
{
    [LoggerMessage(1, LogLevel.Information, "{InstanceId} epoch {Epoch} ended with code {ExitCode}, signal {Signal}")]
    private partial void LogExited(Guid instanceId, long epoch, int? exitCode, int? signal);

    [LoggerMessage(2, LogLevel.Error, "{InstanceId} epoch {Epoch}: its end can't be written to the disk; it is tried again")]
    private partial void LogExitNotRecorded(Exception failure, Guid instanceId, long epoch);

    [LoggerMessage(3, LogLevel.Warning, "{InstanceId} epoch {Epoch} has ended, and its last output waits for the disk")]
    private partial void LogOutputWaits(Guid instanceId, long epoch);
}
