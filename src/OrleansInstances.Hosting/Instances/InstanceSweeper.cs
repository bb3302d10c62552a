using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansInstances.Hosting.Nodes;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Hosting.Instances;

/// <summary>
/// Wakes the grains that a crash left half-way, whose time has come, whose catalog row lags behind their state, or whose
/// node's standing changed. The first sweep, over before the gateway is ready, looks at what runs on this silo's node and on
/// those that are not there too. None of it takes longer for instances that are at rest; rows that were lost are looked for page
/// by page. An instance that could not be woken is woken again with the next sweep, whatever the catalog says of it by then.
/// </summary>
internal sealed partial class InstanceSweeper(
    IUnfinishedInstances unfinished,
    NodeDirectory directory,
    NodeIdentity self,
    IGrainFactory grains,
    TimeProvider time,
    ILogger<InstanceSweeper> logger) : BackgroundService
{
    private const int PageSize = 1000;
    private const int Concurrency = 64;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    /// <summary>A pending instance waits for nodes, of which no event tells it; a deleted one that is still there, for its removal.</summary>
    private static readonly ImmutableHashSet<InstanceStatus> Waiting = [InstanceStatus.Pending, InstanceStatus.Deleted];

    private readonly ConcurrentDictionary<string, bool> _changedNodes = new();
    private readonly SemaphoreSlim _changed = new(0);
    private readonly ConcurrentDictionary<Guid, bool> _notWoken = new();
    private Guid? _compared;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        directory.Changed = Note;
        await SweepAsync([.. Waiting, InstanceStatus.Backoff], cancellationToken);
        foreach (var node in directory.Nodes.Where(node => node.Standing != NodeStanding.Live || node.Name == self.Name))
        {
            await SweepNodeAsync(node.Name, cancellationToken);
        }

        await CompareAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(SweepRegularlyAsync(stoppingToken), FollowNodesAsync(stoppingToken));

    private async Task SweepRegularlyAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await WakeAsync(TakeNotWoken(), stoppingToken);
                await SweepAsync(Waiting, stoppingToken);
                await CompareAsync(stoppingToken);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                LogSweepFailed(error);
            }
        }
    }

    /// <summary>Every silo does this once it knows of a change: a grain looks at its own silo's directory.</summary>
    private async Task FollowNodesAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await _changed.WaitAsync(stoppingToken);
            foreach (var node in _changedNodes.Keys)
            {
                _changedNodes.TryRemove(node, out _);
                try
                {
                    await SweepNodeAsync(node, stoppingToken);
                }
                catch (Exception error) when (error is not OperationCanceledException)
                {
                    LogNodeSweepFailed(error, node);
                    await Task.Delay(Retry, time, stoppingToken);
                    Note([node]);
                }
            }
        }
    }

    private void Note(IReadOnlyList<string> nodes)
    {
        foreach (var node in nodes)
        {
            _changedNodes[node] = true;
        }

        _changed.Release();
    }

    private Task SweepNodeAsync(string node, CancellationToken cancellationToken) =>
        SweepAsync(after => unfinished.FindOnNodesAsync([node], PageSize, after, cancellationToken), cancellationToken);

    private Task SweepAsync(ImmutableHashSet<InstanceStatus> statuses, CancellationToken cancellationToken) => SweepAsync(
        after => unfinished.FindAsync(new UnfinishedQuery(statuses, time.GetUtcNow(), PageSize, after), cancellationToken), cancellationToken);

    private async Task SweepAsync(Func<Guid?, Task<IReadOnlyList<Guid>>> find, CancellationToken cancellationToken)
    {
        Guid? after = null;
        IReadOnlyList<Guid> page;
        do
        {
            page = await find(after);
            await WakeAsync(page, cancellationToken);
            after = page.Count > 0 ? page[^1] : null;
        }
        while (page.Count == PageSize);
    }

    /// <summary>Compares a page of states with the catalog, the next one each time, and on at once where rows were lost.</summary>
    private async Task CompareAsync(CancellationToken cancellationToken)
    {
        CatalogComparison comparison;
        do
        {
            comparison = await unfinished.CompareAsync(_compared, PageSize, cancellationToken);
            await WakeAsync(comparison.Lagging, cancellationToken);
            _compared = comparison.Next;
        }
        while (comparison is { Lagging.Count: > 0, Next: not null });
    }

    private List<Guid> TakeNotWoken() => [.. _notWoken.Keys.Where(id => _notWoken.TryRemove(id, out _))];

    private Task WakeAsync(IEnumerable<Guid> instances, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(instances, new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken }, WakeAsync);

    private async ValueTask WakeAsync(Guid instanceId, CancellationToken cancellationToken)
    {
        try
        {
            await grains.GetGrain<IInstanceGrain>(instanceId).WakeAsync();
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogWakeFailed(error, instanceId);
            _notWoken[instanceId] = true;
        }
    }

    [LoggerMessage(LogLevel.Warning, "The sweep of unfinished instances failed; the next one comes in ten seconds")]
    private partial void LogSweepFailed(Exception error);

    [LoggerMessage(LogLevel.Warning, "The instances of node {Node} could not be swept after its standing changed; it is tried again")]
    private partial void LogNodeSweepFailed(Exception error, string node);

    [LoggerMessage(LogLevel.Warning, "Instance {InstanceId} could not be woken; the next sweep tries again")]
    private partial void LogWakeFailed(Exception error, Guid instanceId);
}
