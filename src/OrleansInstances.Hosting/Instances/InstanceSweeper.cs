using System.Collections.Immutable;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansInstances.Instances;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Hosting.Instances;

/// <summary>
/// Wakes the grains that a crash left half-way, whose time has come, or whose catalog row lags behind their state. The
/// first sweep looks at everything that isn't at rest and is over before the gateway is ready.
/// </summary>
internal sealed partial class InstanceSweeper(
    IUnfinishedInstances unfinished,
    IGrainFactory grains,
    TimeProvider time,
    ILogger<InstanceSweeper> logger) : BackgroundService
{
    private const int PageSize = 1000;
    private const int Concurrency = 64;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    private static readonly ImmutableHashSet<InstanceStatus> NotAtRest =
    [
        .. Enum.GetValues<InstanceStatus>().Except([InstanceStatus.Stopped, InstanceStatus.Failed]),
    ];

    /// <summary>A pending instance waits for nodes, of which no event tells it; a deleted one that is still there, for its removal.</summary>
    private static readonly ImmutableHashSet<InstanceStatus> Waiting = [InstanceStatus.Pending, InstanceStatus.Deleted];

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await SweepAsync(NotAtRest, cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await SweepAsync(Waiting, stoppingToken);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                LogSweepFailed(error);
            }
        }
    }

    private async Task SweepAsync(ImmutableHashSet<InstanceStatus> statuses, CancellationToken cancellationToken)
    {
        Guid? after = null;
        IReadOnlyList<Guid> page;
        do
        {
            page = await unfinished.FindAsync(new UnfinishedQuery(statuses, time.GetUtcNow(), PageSize, after), cancellationToken);
            await Parallel.ForEachAsync(page, new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken }, WakeAsync);
            after = page.Count > 0 ? page[^1] : null;
        }
        while (page.Count == PageSize);
    }

    private async ValueTask WakeAsync(Guid instanceId, CancellationToken cancellationToken)
    {
        try
        {
            await grains.GetGrain<IInstanceGrain>(instanceId).WakeAsync();
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogWakeFailed(error, instanceId);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The sweep of unfinished instances failed; the next one comes in ten seconds")]
    private partial void LogSweepFailed(Exception error);

    [LoggerMessage(LogLevel.Warning, "Instance {InstanceId} could not be woken; the next sweep tries again")]
    private partial void LogWakeFailed(Exception error, Guid instanceId);
}
