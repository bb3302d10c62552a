using OrleansInstances.Nodes;

namespace OrleansInstances.Grains.Instances;

/// <summary>An instance's way to the nodes. Calls are made during its turn and so are waited for only briefly; one that takes longer is made again.</summary>
internal sealed class NodeCalls(IGrainFactory grains, TimeProvider time)
{
    private static readonly TimeSpan AtMost = TimeSpan.FromSeconds(1);

    /// <summary>The node's first answer.</summary>
    /// <exception cref="TimeoutException">There was none in time; whether the order was taken is not known.</exception>
    public Task<NodeReply> GiveAsync(InstanceOrder order)
    {
        if (order.Node is not { } name)
        {
            return Task.FromResult(NodeReply.Accepted);
        }

        var node = NodeOf(name);
        return InTime(order switch
        {
            InstanceOrder.Start start => node.StartAsync(start.Run),
            InstanceOrder.Stop stop => node.StopAsync(stop.Run, stop.Signal, stop.Timeout),
            InstanceOrder.Pause pause => node.PauseAsync(pause.Run),
            InstanceOrder.Resume resume => node.ResumeAsync(resume.Run),
            InstanceOrder.Remove remove => node.RemoveAsync(remove.InstanceId),
            _ => throw new InvalidOperationException($"No way to give {order.GetType().Name}."),
        });
    }

    public Task<NodeReply> SignalAsync(string node, RunKey run, string signal) => InTime(NodeOf(node).SignalAsync(run, signal));

    /// <summary>What the node knows of a run; null when it never heard of it.</summary>
    public Task<RunReport?> InspectAsync(string node, RunKey run) => InTime(NodeOf(node).InspectAsync(run));

    public Task<NodeReply> KillAsync(string node, RunKey run) => InTime(NodeOf(node).StopAsync(run, "SIGKILL", TimeSpan.Zero));

    public Task<NodeReply> RemoveAsync(string node, Guid instanceId) => InTime(NodeOf(node).RemoveAsync(instanceId));

    private INodeGrain NodeOf(string node) => grains.GetGrain<INodeGrain>(node);

    private Task<T> InTime<T>(Task<T> call) => call.WaitAsync(AtMost, time);
}
