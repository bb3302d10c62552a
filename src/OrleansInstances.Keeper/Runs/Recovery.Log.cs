using Microsoft.Extensions.Logging;

namespace OrleansInstances.Keeper.Runs;

internal sealed partial class Recovery
{
    [LoggerMessage(1, LogLevel.Information, "{InstanceId} epoch {Epoch} was adopted as process {Pid}")]
    private partial void LogAdopted(Guid instanceId, long epoch, int pid);

    [LoggerMessage(2, LogLevel.Error, "{File} holds no record; the instance can't be started until it is removed")]
    private partial void LogUnreadable(Exception failure, string file);

    [LoggerMessage(3, LogLevel.Error, "{InstanceId} epoch {Epoch} could not be taken in; nothing more is started of it until a keeper can")]
    private partial void LogNotRecovered(Exception failure, Guid instanceId, long epoch);
}
