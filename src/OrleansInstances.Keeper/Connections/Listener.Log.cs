namespace OrleansInstances.Keeper.Connections;

internal sealed partial class Listener
{
    private void LogOutOfDescriptors() =>
        _logger.Warning("Out of file descriptors: a client has to wait");

    private void LogForeignUser(uint uid) =>
        _logger.Warning($"User {uid} tried to connect");
}
