using Microsoft.Extensions.Logging;

namespace OrleansInstances.Nodes.Execs;

internal sealed partial class ExecSessions
{
    [LoggerMessage(40, LogLevel.Information, "Command {ExecId} beside instance {InstanceId} is ended: nobody reads it any more.")]
    private partial void LogAbandoned(Guid execId, Guid instanceId);

    [LoggerMessage(41, LogLevel.Warning, "Instance {InstanceId} could not note the end of command {ExecId}, attempt {Attempt}")]
    private partial void LogNotReported(Exception exception, Guid instanceId, Guid execId, int attempt);
}
