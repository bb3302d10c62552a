using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace OrleansInstances.EmbeddedEngine.Activations;

internal sealed partial class Activation
{
    [LoggerMessage(LogLevel.Error, "Grain {GrainId} could not be activated")]
    private static partial void LogActivationFailed(ILogger logger, Exception error, GrainId grainId);

    [LoggerMessage(LogLevel.Error, "Grain {GrainId} failed while it was deactivated")]
    private static partial void LogDeactivationFailed(ILogger logger, Exception error, GrainId grainId);

    [LoggerMessage(LogLevel.Error, "Grain {GrainId} knows another state than the stored one; its activation ends")]
    private static partial void LogInconsistentState(ILogger logger, Exception error, GrainId grainId);
}
