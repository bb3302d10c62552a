using Microsoft.Extensions.Logging;

namespace OrleansInstances.Keeper.Connections;

internal sealed partial class Listener
{
    [LoggerMessage(1, LogLevel.Warning, "Out of file descriptors: a client has to wait")]
    private partial void LogOutOfDescriptors();

    [LoggerMessage(2, LogLevel.Warning, "User {Uid} tried to connect")]
    private partial void LogForeignUser(uint uid);
}
