using Microsoft.Extensions.Logging;

namespace OrleansInstances.Nodes;

public sealed partial class NodeRuntime
{
    [LoggerMessage(30, LogLevel.Information, "The end of instance {InstanceId} epoch {Epoch} could not be acknowledged, so the keeper lists it again: {Reason}")]
    private partial void LogNotAcknowledged(Guid instanceId, long epoch, string reason);
}
