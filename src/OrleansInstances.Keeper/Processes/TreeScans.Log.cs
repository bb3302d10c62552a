using Microsoft.Extensions.Logging;

namespace OrleansInstances.Keeper.Processes;

internal sealed partial class TreeScans
{
    [LoggerMessage(1, LogLevel.Error, "Looking through /proc failed; it is tried again")]
    private partial void LogScanFailed(Exception failure);
}
