namespace OrleansInstances.Gateway.Dialects.Koyeb.Exec;

internal sealed partial class ExecSocket
{
    [LoggerMessage(LogLevel.Debug, "The client of a command has left: {Reason}")]
    private partial void LogClientLeft(string reason);

    [LoggerMessage(LogLevel.Warning, "A command whose client has left could not be ended at once; its node ends it")]
    private partial void LogNotClosed(Exception error);

    [LoggerMessage(LogLevel.Error, "A command's session failed")]
    private partial void LogFailed(Exception error);
}
