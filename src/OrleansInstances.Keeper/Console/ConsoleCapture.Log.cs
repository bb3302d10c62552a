namespace OrleansInstances.Keeper.Console;

internal sealed partial class ConsoleCapture
{
    private void LogHeldBack(Guid instanceId, string reason, double retryMs) =>
        _logger.Warning($"Output of {instanceId} is held back: {reason}; next try in {retryMs} ms");
}
