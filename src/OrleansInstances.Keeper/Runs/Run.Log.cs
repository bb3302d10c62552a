using OrleansInstances.Keeper.Protocol;

namespace OrleansInstances.Keeper.Runs;

internal sealed partial class Run
{
    private void LogNotRecorded(Exception failure, Guid instanceId, long epoch, RunRecordPhase phase) =>
        _logger.Warning($"{instanceId} epoch {epoch}: phase {phase} could not be written to the disk", failure);
}
