namespace OrleansInstances.Gateway.Dialects.Chutes;

internal sealed partial class ChutesStart
{
    [LoggerMessage(LogLevel.Warning, "The chutes dialect answers 503 to everything: {Reason}")]
    private partial void LogNoSodium(string reason);

    [LoggerMessage(LogLevel.Warning, "SKIP_GPU_VERIFICATION is set: challenges are made and answered in software and prove nothing about GPUs. For development only.")]
    private partial void LogNoGpus();

    [LoggerMessage(LogLevel.Warning, "LAUNCH_CONFIG_KEY is not set: launch tokens are signed with a key that everybody knows, so anybody can make one. Set a secret of your own, the same on all gateways.")]
    private partial void LogKnownKey();
}
