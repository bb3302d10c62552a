namespace OrleansInstances.Keeper.Processes;

internal sealed partial class TreeScans
{
    private void LogScanFailed(Exception failure) =>
        logger.Error("Looking through /proc failed; it is tried again", failure);
}
