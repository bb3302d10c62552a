using Microsoft.Extensions.Logging;

namespace OrleansInstances.Keeper.Runs;

internal sealed partial class RemovedFolders
{
    [LoggerMessage(1, LogLevel.Warning, "Some of {Folder} could not be deleted; it is tried again at the next removal")]
    private partial void LogNotDeleted(Exception failure, string folder);
}
