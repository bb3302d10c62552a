using Microsoft.Extensions.Logging;
using OrleansInstances.Instances;

namespace OrleansInstances.Grains.Instances;

public sealed partial class InstanceGrain
{
    [LoggerMessage(LogLevel.Debug, "Instance {InstanceId} is {Status} in epoch {Epoch}, version {Version}")]
    private partial void LogStored(Guid instanceId, InstanceStatus status, long epoch, long version);

    [LoggerMessage(LogLevel.Warning, "Instance {InstanceId} is stored, but its row in the catalog lags; it is written again")]
    private partial void LogNotPublished(Exception error, Guid instanceId);

    [LoggerMessage(LogLevel.Warning, "The state of instance {InstanceId}, which is deleted, could not be removed; the next sweep tries again")]
    private partial void LogNotForgotten(Exception error, Guid instanceId);

    [LoggerMessage(LogLevel.Warning, "Order {Order} for instance {InstanceId} did not reach node {Node}; it is given again")]
    private partial void LogOrderFailed(Exception error, Guid instanceId, string order, string? node);

    [LoggerMessage(LogLevel.Warning, "Node {Node} can't take order {Order} for instance {InstanceId} now ({Reason}); it is given again")]
    private partial void LogOrderPostponed(Guid instanceId, string order, string? node, string reason);

    [LoggerMessage(LogLevel.Warning, "Node {Node} could not be asked for instance {InstanceId}; it is asked again")]
    private partial void LogNotInspected(Exception error, Guid instanceId, string node);

    [LoggerMessage(LogLevel.Warning, "Instance {InstanceId} waits for {Dependency}, which can't be watched; the next sweep looks again")]
    private partial void LogDependencyNotWatched(Exception error, Guid instanceId, Guid dependency);

    [LoggerMessage(LogLevel.Warning, "That its node refuses instance {InstanceId} ({Reason}) could not be stored; the order is given again")]
    private partial void LogRefusalNotStored(Exception error, Guid instanceId, string reason);

    [LoggerMessage(LogLevel.Warning, "Node {Node} runs instance {InstanceId} in epoch {Epoch}, which is over; it is killed")]
    private partial void LogStray(Guid instanceId, long epoch, string node);

    [LoggerMessage(LogLevel.Warning, "What launched instance {InstanceId} could not be told of its end; the next sweep tells it")]
    private partial void LogLauncherNotTold(Exception error, Guid instanceId);
}
