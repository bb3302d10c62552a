using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansInstances.Nodes;
using OrleansInstances.Storage.Nodes;

namespace OrleansInstances.Hosting.Nodes;

/// <summary>
/// Keeps the directory up to date, and in a cluster fences nodes that were not seen for their lease: takes their lease away,
/// waits until the last one that they can have had is over, and says so. Every silo does; none depends on another.
/// </summary>
/// <param name="self">This node, which it leaves to itself.</param>
internal sealed partial class FenceWatch(
    NodeIdentity self,
    INodeTable table,
    NodeDirectory directory,
    OrleansInstancesOptions options,
    TimeProvider time,
    ILogger<FenceWatch> logger) : BackgroundService
{
    private readonly ConcurrentDictionary<(string Name, long Incarnation), Task> _fencing = new();
    private TimeSpan _period;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        _period = PeriodOf(await directory.RefreshAsync());
        await base.StartAsync(cancellationToken);
    }

    /// <summary>Completes when nothing that may move runs on the node any more, as far as it ran under this incarnation.</summary>
    /// <param name="row">A node that was not seen for its lease, or is revoked already.</param>
    /// <param name="cancellationToken">Ends the wait; another silo's goes on.</param>
    /// <returns>False when the node has renewed or joined meanwhile.</returns>
    public async Task<bool> FenceAsync(NodeRow row, CancellationToken cancellationToken)
    {
        var name = row.Node.Name;
        if (!await table.RevokeAsync(name, row.Incarnation, evenIfSeen: false, cancellationToken))
        {
            return false;
        }

        // It is revoked by now: whatever it renewed before ends within a lease from here, by any clock that only goes on.
        var since = time.GetTimestamp();
        var wait = row.Lease + TimeSpan.FromSeconds(options.FenceMarginSeconds);
        LogRevoked(name, row.Incarnation, wait.TotalSeconds);
        while (wait - time.GetElapsedTime(since) is var left && left > TimeSpan.Zero)
        {
            await Task.Delay(left, time, cancellationToken);
        }

        var fenced = await table.MarkFencedAsync(name, row.Incarnation, cancellationToken);
        if (fenced)
        {
            LogFenced(name, row.Incarnation);
        }

        return fenced;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                var rows = await directory.RefreshAsync().WaitAsync(stoppingToken);
                Watch(rows, stoppingToken);
                timer.Period = PeriodOf(rows);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                LogNotRead(error);
            }
        }
    }

    /// <summary>Often enough for every lease that is there: a node keeps the one it joined with, whatever is set here.</summary>
    private TimeSpan PeriodOf(IReadOnlyList<NodeRow> rows) =>
        (NodeDirectory.ShortestLease(rows) is { } shortest && shortest < options.Lease ? shortest : options.Lease) / 3;

    private void Watch(IReadOnlyList<NodeRow> rows, CancellationToken stoppingToken)
    {
        if (!options.IsClustered)
        {
            return;
        }

        foreach (var row in rows.Where(row => row.Standing == NodeStanding.Lost && row.Node.NodeId != self.Id && (row.Revoked || directory.MayJudge(row))))
        {
            _ = _fencing.GetOrAdd((row.Node.Name, row.Incarnation), _ => FenceAndForgetAsync(row, stoppingToken));
        }
    }

    private async Task FenceAndForgetAsync(NodeRow row, CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            await FenceAsync(row, stoppingToken);
            await directory.RefreshAsync();
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogNotFenced(error, row.Node.Name);
        }
        finally
        {
            _fencing.TryRemove((row.Node.Name, row.Incarnation), out _);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Node {Node} was not seen for its lease: incarnation {Incarnation} is revoked, and fenced in {Seconds} s")]
    private partial void LogRevoked(string node, long incarnation, double seconds);

    [LoggerMessage(LogLevel.Warning, "Node {Node} is fenced: nothing that may move runs there under incarnation {Incarnation}")]
    private partial void LogFenced(string node, long incarnation);

    [LoggerMessage(LogLevel.Warning, "Node {Node} could not be fenced; it is tried again")]
    private partial void LogNotFenced(Exception error, string node);

    [LoggerMessage(LogLevel.Warning, "The node table could not be read; it is tried again")]
    private partial void LogNotRead(Exception error);
}
