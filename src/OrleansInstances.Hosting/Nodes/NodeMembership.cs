using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansInstances.Nodes;
using OrleansInstances.Storage.Nodes;

namespace OrleansInstances.Hosting.Nodes;

/// <summary>
/// Brings this node up: its runtime first, then its row in the node table, which it renews while the silo lives. In a cluster
/// the keeper is told after each renewal how long the lease runs; a node whose lease was taken away ends what may move before
/// it joins anew.
/// </summary>
internal sealed partial class NodeMembership(
    LocalNode node,
    ILeasedRuntime runtime,
    INodeTable table,
    NodeDirectory directory,
    FenceWatch fences,
    OrleansInstancesOptions options,
    TimeProvider time,
    ILogger<NodeMembership> logger) : BackgroundService
{
    private long _incarnation;

    /// <summary>As in the row, which the others go by: the setting as it was when the node joined.</summary>
    private TimeSpan _lease;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await RefuseForeignInstancesAsync(cancellationToken);
        await runtime.StartAsync(cancellationToken);
        await JoinAsync(cancellationToken);
        await directory.RefreshAsync();
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_lease / 3, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (!await TryRenewAsync(_incarnation, stoppingToken))
                {
                    LogRevoked(node.Name, _incarnation);
                    await JoinAsync(stoppingToken);
                    timer.Period = _lease / 3;
                }
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                LogNotRenewed(error, node.Name);
            }
        }
    }

    /// <summary>Goes on with the incarnation that the node has, or gets a new one.</summary>
    private async Task JoinAsync(CancellationToken cancellationToken)
    {
        await RefuseCompanyAsync(cancellationToken);
        var row = await table.FindAsync(node.Name, cancellationToken);
        if (row is { Revoked: false, Incarnation: > 0 } && row.Node.NodeId == node.Id)
        {
            _lease = row.Lease;
            if (await TryRenewAsync(row.Incarnation, cancellationToken))
            {
                LogGoesOn(row.Incarnation);
                return;
            }
        }

        if (row is not null && row.Node.NodeId != node.Id && row.Standing is NodeStanding.Live or NodeStanding.Lost)
        {
            await SucceedAsync(row, cancellationToken);
        }

        if (options.IsClustered)
        {
            await runtime.FenceAsync(cancellationToken);
        }

        var sentAt = time.GetTimestamp();
        var bootTime = BootTime();
        var incarnation = await table.JoinAsync(node.Describe(), options.Lease, cancellationToken) ?? throw Taken();
        LogJoined(node.Name, incarnation);
        _lease = options.Lease;
        await ConfirmAsync(incarnation, bootTime, sentAt);
    }

    /// <summary>To a database that has never seen this node all that it runs is stray, and would be killed and removed: another one, or an empty one in the place of its own.</summary>
    private async Task RefuseForeignInstancesAsync(CancellationToken cancellationToken)
    {
        if (runtime.HoldsInstances && (await table.ListAsync(cancellationToken)).All(row => row.Node.NodeId != node.Id))
        {
            throw new NodeRefusedException("The data folder holds instances, and this database knows nothing of them: they belong to another one. Start with the database that they were made with (OI_POSTGRES, or state.db in the data folder), or with another data folder.");
        }
    }

    /// <summary>On an engine that is a single process another silo on the same database would own the same instances.</summary>
    private async Task RefuseCompanyAsync(CancellationToken cancellationToken)
    {
        if (options.Postgres is not null && !options.IsClustered
            && (await table.ListAsync(cancellationToken)).FirstOrDefault(row => row.Standing == NodeStanding.Live && row.Node.NodeId != node.Id) is { } other)
        {
            throw new NodeRefusedException($"Node {other.Node.Name} uses this database, and this build's engine is a single process that can't form a cluster with it. Give this one a database of its own with OI_POSTGRES.");
        }
    }

    /// <summary>Takes the name of a machine that is gone: the operator gave it to this one.</summary>
    private async Task SucceedAsync(NodeRow row, CancellationToken cancellationToken)
    {
        if (row.Standing == NodeStanding.Live)
        {
            throw Taken();
        }

        LogSucceeds(node.Name, row.Node.NodeId);
        if (!await fences.FenceAsync(row, cancellationToken))
        {
            throw Taken();
        }
    }

    private NodeRefusedException Taken() => new(NodeNames.Taken(node.Name, options.Lease).Message);

    private async Task<bool> TryRenewAsync(long incarnation, CancellationToken cancellationToken)
    {
        var sentAt = time.GetTimestamp();
        var bootTime = BootTime();
        if (!await table.RenewAsync(node.Describe(), incarnation, cancellationToken))
        {
            return false;
        }

        await ConfirmAsync(incarnation, bootTime, sentAt);
        return true;
    }

    /// <summary>
    /// The row says that the node is there: until a lease after that was asked for, its keeper may go by it. Starts are taken
    /// once the keeper has stored that; before, it would let run what no lease ends.
    /// </summary>
    private async Task ConfirmAsync(long incarnation, long bootTime, long sentAt)
    {
        _incarnation = incarnation;
        if (options.IsClustered
            && await runtime.LeaseAsync(incarnation, bootTime + (long)_lease.TotalMilliseconds) is { } refusal)
        {
            LogKeeperNotTold(node.Name, refusal.Message, (_lease - time.GetElapsedTime(sentAt)).TotalSeconds);
            return;
        }

        runtime.Incarnation = incarnation;
    }

    private void LogGoesOn(long incarnation)
    {
        if (_lease != options.Lease)
        {
            LogOtherLease(node.Name, incarnation, _lease.TotalSeconds, options.Lease.TotalSeconds);
        }
    }

    private long BootTime() => options.IsClustered ? runtime.BootTimeMs : 0;

    [LoggerMessage(LogLevel.Information, "Node {Node} has joined: incarnation {Incarnation}")]
    private partial void LogJoined(string node, long incarnation);

    [LoggerMessage(LogLevel.Warning, "Node {Node} goes on with incarnation {Incarnation} and its lease of {Lease} s: {Setting} s as set holds once it joins anew")]
    private partial void LogOtherLease(string node, long incarnation, double lease, double setting);

    [LoggerMessage(LogLevel.Warning, "The name {Node} belonged to another machine, {NodeId}, which was not seen for its lease; it is this one's once the other is fenced")]
    private partial void LogSucceeds(string node, Guid nodeId);

    [LoggerMessage(LogLevel.Warning, "Incarnation {Incarnation} of node {Node} is revoked: what may move ends here, then it joins anew")]
    private partial void LogRevoked(string node, long incarnation);

    [LoggerMessage(LogLevel.Warning, "Node {Node} could not renew its row in the node table; it is tried again")]
    private partial void LogNotRenewed(Exception error, string node);

    [LoggerMessage(LogLevel.Warning, "The keeper of node {Node} could not be told of the lease: {Reason} It kills what may move in {Seconds} s unless it is told by then")]
    private partial void LogKeeperNotTold(string node, string reason, double seconds);
}

/// <summary>The cluster does not take this node; the message is for the operator.</summary>
public sealed class NodeRefusedException(string message) : Exception(message);
