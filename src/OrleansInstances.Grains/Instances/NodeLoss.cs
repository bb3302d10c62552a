using OrleansInstances.Grains.Nodes;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;
using static OrleansInstances.Instances.InstanceStatus;
using Events = OrleansInstances.Instances.InstanceEventTypes;

namespace OrleansInstances.Grains.Instances;

/// <summary>What the loss of its node, and the node's return, make of an instance that may be running there.</summary>
internal static class NodeLoss
{
    /// <summary>Whether its node may have something of the current epoch.</summary>
    public static bool Concerns(InstanceSnapshot instance) => instance.Status is Starting or Running or Pausing or Paused or Stopping or Lost;

    /// <summary>Goes by what the copy of the node table says of the node now.</summary>
    public static InstanceState Look(InstanceState state, InstanceSnapshot instance, LifecycleContext context)
    {
        var node = context.Nodes.FirstOrDefault(node => node.Name == instance.Node);
        var policy = (state.Begun ?? instance.Spec).OnNodeLoss;
        if (RunFence.IsOver(state.Incarnation, policy, node))
        {
            var back = state with { LostFrom = null };
            return RunEnd.Fenced(back, instance with { Status = state.LostFrom ?? instance.Status }, WhyOver(node!), context);
        }

        // A copy from before this epoch says nothing of it, as none at all.
        return node is null || node.Incarnation < state.Incarnation
            ? state
            : (node.Standing, instance.Status) switch
            {
                (NodeStanding.Live, Lost) => Restore(state, instance, context),
                (not NodeStanding.Live, not Lost) => Lose(state, instance, context, policy)
                    .Log(context.Now, Events.Lost, $"Node {node.Name} is lost."),
                _ => state,
            };
    }

    /// <summary>The node is heard of again: on with what was under way.</summary>
    public static InstanceState Restore(InstanceState state, InstanceSnapshot instance, LifecycleContext context) =>
        state.Change(context.Now, instance with { Status = state.LostFrom!.Value, Message = null }) with { LostFrom = null };

    public static Refusal Unreachable(InstanceSnapshot lost) =>
        new(RefusalKind.Unavailable, "node_lost", $"Node {lost.Node} is lost; what runs there can't be reached.");

    /// <summary>What is asked of it meanwhile: an end is kept until it can be carried out, everything else is refused.</summary>
    /// <param name="carryOut">The rules of the status that it was lost from.</param>
    public static Transition Request(InstanceState state, InstanceSnapshot instance, InstanceInput request, LifecycleContext context, Func<InstanceState, InstanceInput, Transition> carryOut)
    {
        if (request is not (InstanceInput.Stop or InstanceInput.Kill or InstanceInput.Restart or InstanceInput.Delete))
        {
            return new(state, Unreachable(instance));
        }

        var back = Restore(state, instance, context);
        var asked = carryOut(back, request);
        return asked switch
        {
            { Refusal: { } refusal } => new(state, refusal),
            { State: var same } when ReferenceEquals(same, back) => new(state),
            { State: var next } => new(Lose(next, next.Snapshot!, context, (state.Begun ?? instance.Spec).OnNodeLoss)),
        };
    }

    /// <summary>What was being carried out still is: whoever waits for it goes on waiting.</summary>
    private static InstanceState Lose(InstanceState state, InstanceSnapshot instance, LifecycleContext context, NodeLossPolicy policy) =>
        state.Change(context.Now, instance with
        {
            Status = Lost,
            Message = policy == NodeLossPolicy.Move
                ? $"Node {instance.Node} is lost; it goes on elsewhere once that is fenced."
                : $"Node {instance.Node} is lost; it waits for its return.",
        }) with
        {
            LostFrom = instance.Status,
        };

    private static string WhyOver(NodeSnapshot node) => node.Standing switch
    {
        NodeStanding.Removed => $"Node {node.Name} was removed; how it ended is not known.",
        NodeStanding.Fenced => $"Node {node.Name} is lost and fenced; how it ended is not known.",
        _ => $"Node {node.Name} was registered anew; how it ended is not known.",
    };
}
