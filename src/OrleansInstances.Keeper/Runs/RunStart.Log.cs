using Microsoft.Extensions.Logging;

namespace OrleansInstances.Keeper.Runs;

internal sealed partial class RunStart
{
    [LoggerMessage(1, LogLevel.Information, "{InstanceId} epoch {Epoch} runs as process {Pid}")]
    private partial void LogStarted(Guid instanceId, long epoch, int pid);
}
