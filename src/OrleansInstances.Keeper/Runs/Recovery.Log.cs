namespace OrleansInstances.Keeper.Runs;

internal sealed partial class Recovery
{
    private void LogAdopted(Guid instanceId, long epoch, int pid) =>
        _logger.Information($"{instanceId} epoch {epoch} was adopted as process {pid}");

    private void LogUnreadable(Exception failure, string file) =>
        _logger.Error($"{file} holds no record; the instance can't be started until it is removed", failure);

    private void LogNotRecovered(Exception failure, Guid instanceId, long epoch) =>
        _logger.Error($"{instanceId} epoch {epoch} could not be taken in; nothing more is started of it until a keeper can", failure);
}
