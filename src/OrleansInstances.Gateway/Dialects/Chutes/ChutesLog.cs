namespace OrleansInstances.Gateway.Dialects.Chutes;

internal static partial class ChutesLog
{
    [LoggerMessage(LogLevel.Warning, "Launch config {ConfigId} could not be challenged or checked")]
    public static partial void LogNoChallenge(this ILogger logger, Exception error, Guid configId);
}
