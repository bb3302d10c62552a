namespace OrleansInstances.Keeper.Runs;

internal sealed partial class Fence
{
    private void LogExpired(int instances) => _logger.Warning($"The node's lease has run out: {instances} instances that may move are killed.");

    private void LogUnreadable(Exception failure) => _logger.Error("The last lease can't be read and counts as run out", failure);
}
