namespace OrleansInstances.Gateway.Errors;

internal sealed partial class Faults
{
    [LoggerMessage(LogLevel.Warning, "{Method} {Path}: no answer, the outcome is unknown")]
    private partial void LogOutcomeUnknown(Exception error, string method, PathString path);

    [LoggerMessage(LogLevel.Warning, "{Method} {Path}: the silo that it takes can't be reached")]
    private partial void LogSiloUnavailable(Exception error, string method, PathString path);

    [LoggerMessage(LogLevel.Error, "{Method} {Path} failed, trace id {TraceId}")]
    private partial void LogUnhandled(Exception error, string method, PathString path, string traceId);
}
