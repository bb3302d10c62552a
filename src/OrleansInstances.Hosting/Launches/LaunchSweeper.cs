using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansInstances.Grains.Launches;
using OrleansInstances.Launches;

namespace OrleansInstances.Hosting.Launches;

/// <summary>
/// Wakes the grains of launch configs that are overdue, and of what they brought up where the instance of the same id does
/// not follow yet. The first sweep is over before the gateway is ready.
/// </summary>
internal sealed partial class LaunchSweeper(ILaunchStore store, IGrainFactory grains, TimeProvider time, ILogger<LaunchSweeper> logger) : BackgroundService
{
    /// <summary>Of each kind; what is left is swept the next time.</summary>
    private const int BatchSize = 500;
    private const int Concurrency = 16;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await SweepAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                LogSweepFailed(error);
            }
        }
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        var unfinished = await store.FindUnfinishedAsync(time.GetUtcNow(), BatchSize, cancellationToken);
        await WakeAsync(unfinished.Configs, id => grains.GetGrain<ILaunchConfigGrain>(id).WakeAsync(), cancellationToken);
        await WakeAsync(unfinished.Instances, id => grains.GetGrain<IChuteInstanceGrain>(id).WakeAsync(), cancellationToken);
    }

    private Task WakeAsync(IReadOnlyList<Guid> ids, Func<Guid, Task> wake, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        ids,
        new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken },
        async (id, _) =>
        {
            try
            {
                await wake(id);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                LogWakeFailed(error, id);
            }
        });

    [LoggerMessage(LogLevel.Warning, "The sweep of launches failed; the next one comes in ten seconds")]
    private partial void LogSweepFailed(Exception error);

    [LoggerMessage(LogLevel.Warning, "Launch {Id} could not be woken; the next sweep tries again")]
    private partial void LogWakeFailed(Exception error, Guid id);
}
