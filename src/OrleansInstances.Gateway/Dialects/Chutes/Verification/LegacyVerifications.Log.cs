namespace OrleansInstances.Gateway.Dialects.Chutes.Verification;

internal sealed partial class LegacyVerifications
{
    [LoggerMessage(LogLevel.Warning, "The verification of instance {InstanceId} did not end")]
    private partial void LogFailed(Exception error, Guid instanceId);
}
