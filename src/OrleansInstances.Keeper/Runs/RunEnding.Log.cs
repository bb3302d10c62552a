namespace OrleansInstances.Keeper.Runs;

internal sealed partial class RunEnding
{
    private void LogExited(Guid instanceId, long epoch, int? exitCode, int? signal) =>
        _logger.Information($"{instanceId} epoch {epoch} ended with code {exitCode}, signal {signal}");

    private void LogExitNotRecorded(Exception failure, Guid instanceId, long epoch) =>
        _logger.Error($"{instanceId} epoch {epoch}: its end can't be written to the disk; it is tried again", failure);

    private void LogOutputWaits(Guid instanceId, long epoch) =>
        _logger.Warning($"{instanceId} epoch {epoch} has ended, and its last output waits for the disk");
}
