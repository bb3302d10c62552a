using Microsoft.Extensions.Logging;
using OrleansInstances.Keeper.Protocol;

namespace OrleansInstances.Keeper.Runs;

internal sealed partial class Run
{
    [LoggerMessage(1, LogLevel.Warning, "{InstanceId} epoch {Epoch}: phase {Phase} could not be written to the disk")]
    private partial void LogNotRecorded(Exception failure, Guid instanceId, long epoch, RunRecordPhase phase);
}
