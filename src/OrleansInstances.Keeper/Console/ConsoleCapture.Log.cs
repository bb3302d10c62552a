using Microsoft.Extensions.Logging;

namespace OrleansInstances.Keeper.Console;

internal sealed partial class ConsoleCapture
{
    [LoggerMessage(1, LogLevel.Warning, "Output of {InstanceId} is held back: {Reason}; next try in {RetryMs} ms")]
    private partial void LogHeldBack(Guid instanceId, string reason, double retryMs);
}
