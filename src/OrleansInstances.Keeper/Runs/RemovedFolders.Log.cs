namespace OrleansInstances.Keeper.Runs;

internal sealed partial class RemovedFolders
{
    private void LogNotDeleted(Exception failure, string folder) =>
        _logger.Warning($"Some of {folder} could not be deleted; it is tried again at the next removal", failure);
}
