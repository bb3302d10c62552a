using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace OrleansInstances.EmbeddedEngine.Timers;

internal sealed partial class GrainTimer
{
    [LoggerMessage(LogLevel.Warning, "A timer of grain {GrainId} failed; it goes on")]
    private static partial void LogTickFailed(ILogger logger, Exception error, GrainId grainId);
}
