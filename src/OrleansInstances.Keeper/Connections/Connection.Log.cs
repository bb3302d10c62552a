namespace OrleansInstances.Keeper.Connections;

internal sealed partial class Connection
{
    private void LogTooSlow(int unsentBytes) =>
        _logger.Warning($"A client reads too slowly, {unsentBytes} bytes wait for it: its connection is dropped");
}
