using OrleansInstances.Storage.Idempotency;

namespace OrleansInstances.Gateway.Idempotency;

/// <summary>Removes what nobody can ask for again.</summary>
internal sealed partial class IdempotencyPruner(IIdempotencyTable table, TimeProvider time, ILogger<IdempotencyPruner> logger) : BackgroundService
{
    /// <summary>A transaction that others have to wait for must be short.</summary>
    private const int AtOnce = 500;

    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                while (await table.PruneAsync(AtOnce, stoppingToken) == AtOnce)
                {
                }
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                LogNotPruned(error);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Idempotency keys that are over could not be removed; it is tried again in an hour")]
    private partial void LogNotPruned(Exception error);
}
