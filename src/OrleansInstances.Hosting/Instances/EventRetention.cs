using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansInstances.Storage.Chutes;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Hosting.Instances;

/// <summary>
/// Removes events, and what is kept of launches that are over, once they have been kept for long enough, in batches small
/// enough that other writes hardly wait for one. Silos that do it at the same time share the work.
/// </summary>
/// <param name="keep">How long an event is kept.</param>
/// <param name="events">The log.</param>
/// <param name="audit">The record of launches.</param>
/// <param name="time">The clock that events are dated by.</param>
/// <param name="logger">Hears of failures.</param>
internal sealed partial class EventRetention(
    TimeSpan keep, IInstanceEvents events, IChuteAudit audit, TimeProvider time, ILogger<EventRetention> logger) : BackgroundService
{
    private const int BatchSize = 200;

    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    /// <summary>A little after the start, which has more to do.</summary>
    private static readonly TimeSpan FirstAfter = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var wait = FirstAfter; ; wait = Period)
        {
            await Task.Delay(wait, time, stoppingToken);
            try
            {
                var before = time.GetUtcNow() - keep;
                await ForgetAsync(events.ForgetAsync, before, stoppingToken);
                await ForgetAsync(audit.ForgetInstancesAsync, before, stoppingToken);
                await ForgetAsync(audit.ForgetConfigsAsync, before, stoppingToken);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                LogNotForgotten(error);
            }
        }
    }

    private static async Task ForgetAsync(
        Func<DateTimeOffset, int, CancellationToken, Task<int>> forget, DateTimeOffset before, CancellationToken cancellationToken)
    {
        while (await forget(before, BatchSize, cancellationToken) == BatchSize)
        {
        }
    }

    [LoggerMessage(LogLevel.Warning, "Old events could not be removed; it is tried again in an hour")]
    private partial void LogNotForgotten(Exception error);
}
