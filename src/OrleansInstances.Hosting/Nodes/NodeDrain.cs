using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansInstances.Instances;
using OrleansInstances.Storage.Instances;
using OrleansInstances.Storage.Nodes;

namespace OrleansInstances.Hosting.Nodes;

/// <summary>
/// Empties this node while its row says that it drains: what may move goes elsewhere, one after the other; what waits for the
/// node is stopped if that is asked for too. What has nowhere to go stays and is tried again, and the node says so.
/// </summary>
internal sealed partial class NodeDrain(
    LocalNode node,
    INodeTable table,
    IInstanceCatalog catalog,
    IGrainFactory grains,
    OrleansInstancesOptions options,
    TimeProvider time,
    ILogger<NodeDrain> logger) : BackgroundService
{
    private const int PageSize = 500;

    /// <summary>How long one may take to come up elsewhere, beyond its stop, before the next one's turn.</summary>
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    private static readonly ImmutableHashSet<InstanceStatus> Alive =
    [
        InstanceStatus.Starting, InstanceStatus.Running, InstanceStatus.Pausing, InstanceStatus.Paused, InstanceStatus.Stopping,
    ];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Lease / 3, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                LogNotDrained(error, node.Name);
            }
        }
    }

    private async Task LookAsync(CancellationToken stoppingToken)
    {
        if (await FindCordonAsync(stoppingToken) is not (NodeCordon.Draining or NodeCordon.DrainingAll))
        {
            node.Message = null;
            return;
        }

        node.Message ??= "Draining.";
        var left = new Left();
        await foreach (var instance in ListAsync(stoppingToken))
        {
            // What an operator says meanwhile counts from the next one on.
            var cordon = await FindCordonAsync(stoppingToken);
            if (cordon is not (NodeCordon.Draining or NodeCordon.DrainingAll))
            {
                node.Message = null;
                return;
            }

            try
            {
                left = instance.Spec.OnNodeLoss == NodeLossPolicy.Move ? await MoveAsync(instance, left, stoppingToken)
                    : cordon == NodeCordon.DrainingAll ? await StopAsync(instance, left)
                    : left with { Waiting = left.Waiting + 1 };
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                LogNotMoved(error, instance.Id, node.Name);
                left = left with { OnTheirWay = left.OnTheirWay + 1 };
            }
        }

        node.Message = left.Describe();
    }

    private async Task<NodeCordon> FindCordonAsync(CancellationToken cancellationToken) =>
        await table.FindAsync(node.Name, cancellationToken) is { } row && row.Node.NodeId == node.Id ? row.Cordon : NodeCordon.None;

    private async IAsyncEnumerable<InstanceSnapshot> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var after = 0;
        IReadOnlyList<InstanceSnapshot> page;
        do
        {
            page = await catalog.ListAsync(new CatalogQuery { Node = node.Name, Statuses = Alive, After = after, Limit = PageSize }, cancellationToken);
            foreach (var instance in page)
            {
                yield return instance;
                after = instance.Number;
            }
        }
        while (page.Count == PageSize);
    }

    private async Task<Left> MoveAsync(InstanceSnapshot instance, Left left, CancellationToken cancellationToken)
    {
        var grain = grains.GetGrain<IInstanceGrain>(instance.Id);
        var reply = await grain.MoveAsync();
        var since = time.GetTimestamp();
        var patience = TimeSpan.FromSeconds(instance.Spec.Stop.TimeoutSeconds) + StartPatience;
        while (reply.Instance is { Busy: true } moving && patience - time.GetElapsedTime(since) is var more && more > TimeSpan.Zero)
        {
            reply = await grain.WaitAsync(moving.Version, more).WaitAsync(cancellationToken);
        }

        return reply switch
        {
            { Refusal: { Code: "nowhere_to_go" } refusal } => left with { Stuck = left.Stuck + 1, Why = refusal.Message },
            { Instance: { Busy: true } moving } when moving.Node == node.Name => left with { OnTheirWay = left.OnTheirWay + 1 },
            _ => left,
        };
    }

    private async Task<Left> StopAsync(InstanceSnapshot instance, Left left)
    {
        if (instance.Status != InstanceStatus.Stopping)
        {
            await grains.GetGrain<IInstanceGrain>(instance.Id).StopAsync();
        }

        return left with { OnTheirWay = left.OnTheirWay + 1 };
    }

    [LoggerMessage(LogLevel.Warning, "Node {Node} could not go on with its draining; it is tried again")]
    private partial void LogNotDrained(Exception error, string node);

    [LoggerMessage(LogLevel.Warning, "Instance {InstanceId} could not be moved or stopped for the draining of node {Node}; it is tried again")]
    private partial void LogNotMoved(Exception error, Guid instanceId, string node);

    /// <summary>What is still on the node.</summary>
    private readonly record struct Left(int OnTheirWay, int Stuck, string? Why, int Waiting)
    {
        public string Describe()
        {
            var waiting = Waiting > 0 ? $" Waiting for this node: {Waiting}." : "";
            return this switch
            {
                { OnTheirWay: 0, Stuck: 0, Waiting: 0 } => "Drained: nothing runs here.",
                { OnTheirWay: 0, Stuck: 0 } => $"Drained of what may move.{waiting}",
                { Stuck: 0 } => $"Draining: {OnTheirWay} on their way.{waiting}",
                _ => $"Draining: nowhere to go for {Stuck}. {Why}{waiting}",
            };
        }
    }
}
