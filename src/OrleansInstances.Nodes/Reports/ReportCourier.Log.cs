using Microsoft.Extensions.Logging;

namespace OrleansInstances.Nodes.Reports;

internal sealed partial class ReportCourier
{
    [LoggerMessage(20, LogLevel.Information, "Instance {InstanceId} did not take the report that epoch {Epoch} is {Phase}; it is told again.")]
    private partial void LogNotTaken(Guid instanceId, long epoch, RunPhase phase);

    [LoggerMessage(21, LogLevel.Warning, "Instance {InstanceId} could not be told that epoch {Epoch} is {Phase}; it is told again.")]
    private partial void LogFailed(Exception exception, Guid instanceId, long epoch, RunPhase phase);
}
