namespace OrleansInstances.Gateway.Errors;

internal sealed partial class ErrorMiddleware
{
    [LoggerMessage(LogLevel.Debug, "{Method} {Path}: the client left before the answer")]
    private partial void LogClientLeft(string method, PathString path);

    [LoggerMessage(LogLevel.Warning, "{Method} {Path}: the answer broke off after it had begun")]
    private partial void LogCutShort(Exception error, string method, PathString path);
}
