using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansInstances.Nodes;
using OrleansInstances.Storage.Nodes;

namespace OrleansInstances.Hosting.Nodes;

/// <summary>Brings this node up: its runtime first, then its row in the node table, which it renews while the silo lives.</summary>
internal sealed partial class NodeMembership(
    NodeSnapshot self,
    NodeRuntime runtime,
    INodeTable table,
    NodeDirectory directory,
    TimeProvider time,
    ILogger<NodeMembership> logger) : BackgroundService
{
    /// <summary>How long a node counts as there without renewing.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await runtime.StartAsync(cancellationToken);
        await RenewAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Lease / 3, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await RenewAsync(stoppingToken);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                LogNotRenewed(error, self.Name);
            }
        }
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        var row = await table.FindAsync(self.Name, cancellationToken);
        if (row?.Node.NodeId != self.NodeId || !await table.RenewAsync(self, row.Incarnation, cancellationToken))
        {
            await JoinAsync(row, cancellationToken);
        }

        var rows = await table.ListAsync(cancellationToken);
        directory.Update(rows.Where(row => row.Standing == NodeStanding.Live).Select(row => row.Node));
    }

    /// <summary>Takes the name, also from another machine that was not seen for its lease.</summary>
    private async Task JoinAsync(NodeRow? holder, CancellationToken cancellationToken)
    {
        if (holder is not null && holder.Node.NodeId != self.NodeId
            && await table.RevokeAsync(self.Name, holder.Incarnation, evenIfSeen: false, cancellationToken))
        {
            await table.MarkFencedAsync(self.Name, holder.Incarnation, cancellationToken);
        }

        if (await table.JoinAsync(self, Lease, cancellationToken) is null)
        {
            throw new NodeRefusedException(NodeNames.Taken(self.Name, Lease).Message);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Node {Node} could not renew its row in the node table; it is tried again")]
    private partial void LogNotRenewed(Exception error, string node);
}

/// <summary>The cluster does not take this node; the message is for the operator.</summary>
public sealed class NodeRefusedException(string message) : Exception(message);
