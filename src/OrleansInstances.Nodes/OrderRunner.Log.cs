using Microsoft.Extensions.Logging;

namespace OrleansInstances.Nodes;

internal sealed partial class OrderRunner
{
    [LoggerMessage(10, LogLevel.Information, "The start of instance {InstanceId} epoch {Epoch} is closed: {Reason}")]
    private partial void LogClosed(Guid instanceId, long epoch, string reason);

    [LoggerMessage(11, LogLevel.Information, "The keeper refused {Order} of instance {InstanceId}: {Code}, {Reason}")]
    private partial void LogRefused(string order, Guid instanceId, string code, string reason);

    [LoggerMessage(12, LogLevel.Warning, "{Order} of instance {InstanceId} is tried again: {Reason}")]
    private partial void LogAgain(string order, Guid instanceId, string reason);

    [LoggerMessage(13, LogLevel.Error, "{Order} of instance {InstanceId} is given up after attempt {Attempt}: {Reason}")]
    private partial void LogGivenUp(string order, Guid instanceId, int attempt, string reason);

    [LoggerMessage(14, LogLevel.Error, "{Order} of instance {InstanceId} failed.")]
    private partial void LogFailed(Exception exception, string order, Guid instanceId);
}
