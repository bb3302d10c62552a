using Microsoft.Extensions.Logging;

namespace OrleansInstances.Storage.Sqlite;

internal sealed partial class SqliteWriter
{
    [LoggerMessage(1, LogLevel.Error, "{Count} writes to {Path} failed together")]
    private static partial void LogCommitFailed(ILogger logger, Exception exception, int count, string path);
}
