namespace OrleansInstances.Keeper.Runs;

internal sealed partial class RunStart
{
    private void LogStarted(Guid instanceId, long epoch, int pid) =>
        _logger.Information($"{instanceId} epoch {epoch} runs as process {pid}");
}
