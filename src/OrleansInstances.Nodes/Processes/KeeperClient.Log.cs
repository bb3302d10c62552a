using Microsoft.Extensions.Logging;

namespace OrleansInstances.Nodes.Processes;

internal sealed partial class KeeperClient
{
    [LoggerMessage(1, LogLevel.Information, "Connected to keeper {Pid}, which has {Runs} runs.")]
    private partial void LogConnected(int pid, int runs);

    [LoggerMessage(2, LogLevel.Information, "No keeper listens ({Reason}): starting one.")]
    private partial void LogNobodyListens(string reason);

    [LoggerMessage(3, LogLevel.Information, "Started keeper {Pid}.")]
    private partial void LogStarted(int pid);

    [LoggerMessage(4, LogLevel.Warning, "The connection to the keeper ended: {Reason}")]
    private partial void LogConnectionLost(string reason);

    [LoggerMessage(5, LogLevel.Warning, "The keeper can't be reached; its own log is keeper.log in the data folder.")]
    private partial void LogNoConnection(Exception exception);
}
