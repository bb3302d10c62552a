using System.Collections.Concurrent;
using System.Collections.Immutable;
using OrleansInstances.Grains.Nodes;
using OrleansInstances.Grains.Tests.Instances;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Grains.Tests.Cluster;

/// <summary>A node that notes its orders and answers as told; nothing runs on it.</summary>
internal sealed class ScriptedNode : INodeRuntime, INodeDirectory
{
    private readonly ConcurrentQueue<(Guid Instance, string Order)> _orders = new();

    public IReadOnlyList<NodeSnapshot> Nodes { get; set; } = [Given.NodeNamed(Given.Node) with { Incarnation = 7 }];

    /// <summary>Answers an order on an instance.</summary>
    public Func<Guid, string, NodeReply> Answer { get; set; } = (_, _) => NodeReply.Accepted;

    public Func<RunKey, RunReport?> Known { get; set; } = _ => null;

    /// <summary>Waited for before anything is answered about an instance.</summary>
    public Func<Guid, Task> Delay { get; set; } = _ => Task.CompletedTask;

    /// <summary>The orders to start, whole.</summary>
    public ConcurrentQueue<StartRun> Starts { get; } = new();

    /// <summary>What was told to be placed, and on which node.</summary>
    public ConcurrentQueue<InstanceSnapshot> Placements { get; } = new();

    public void Placed(InstanceSnapshot instance) => Placements.Enqueue(instance);

    public IReadOnlyList<string> OrdersFor(Guid instanceId) => [.. _orders.Where(order => order.Instance == instanceId).Select(order => order.Order)];

    public ValueTask<NodeReply> StartAsync(StartRun order)
    {
        Starts.Enqueue(order);
        return Take(order.Run, $"start {order.Run.Epoch}");
    }

    public ValueTask<NodeReply> StopAsync(RunKey run, string signal, TimeSpan timeout) => Take(run, $"stop {run.Epoch} {signal} {timeout.TotalSeconds}");

    public ValueTask<NodeReply> PauseAsync(RunKey run) => Take(run, $"pause {run.Epoch}");

    public ValueTask<NodeReply> ResumeAsync(RunKey run) => Take(run, $"resume {run.Epoch}");

    public ValueTask<NodeReply> SignalAsync(RunKey run, string signal) => Take(run, $"signal {run.Epoch} {signal}");

    public ValueTask<NodeReply> RemoveAsync(Guid instanceId) => Take(new RunKey(instanceId, 0), "remove");

    public async ValueTask<RunReport?> InspectAsync(RunKey run)
    {
        _orders.Enqueue((run.InstanceId, $"inspect {run.Epoch}"));
        await Delay(run.InstanceId);
        return Known(run);
    }

    public INodeExecs Execs => throw new NotSupportedException();

    public ValueTask<InputReply> WriteInputAsync(RunKey run, ReadOnlyMemory<byte> data, bool close) => new(new InputReply(data.Length, null));

    public ValueTask<OutputSlice?> ReadOutputAsync(OutputQuery query) => new((OutputSlice?)null);

    public ValueTask<WatchReply> WatchOutputAsync(Guid instanceId) => new(new WatchReply(null, 0, TimeSpan.Zero));

    public ValueTask<ImmutableArray<InstanceUsage>> GetUsageAsync(ImmutableArray<Guid> instanceIds) => new([]);

    private async ValueTask<NodeReply> Take(RunKey run, string order)
    {
        _orders.Enqueue((run.InstanceId, order));
        await Delay(run.InstanceId);
        return Answer(run.InstanceId, order);
    }
}
