using Microsoft.Extensions.Logging;

namespace OrleansInstances.Keeper.Connections;

internal sealed partial class Connection
{
    [LoggerMessage(1, LogLevel.Warning, "A client reads too slowly, {UnsentBytes} bytes wait for it: its connection is dropped")]
    private partial void LogTooSlow(int unsentBytes);
}
