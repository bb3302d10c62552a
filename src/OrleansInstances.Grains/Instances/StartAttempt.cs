using OrleansInstances.Grains.Nodes;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;
using static OrleansInstances.Instances.InstanceStatus;
using Events = OrleansInstances.Instances.InstanceEventTypes;

namespace OrleansInstances.Grains.Instances;

/// <summary>How an epoch begins, or what it waits for. Whoever calls this knows that the one before it is over.</summary>
internal static class StartAttempt
{
    /// <summary>A start that someone asked for: the count of failures begins anew.</summary>
    public static InstanceState BeginAnew(InstanceState state, InstanceSnapshot instance, LifecycleContext context) =>
        Begin(state with { Attempts = 0 }, instance, context, Events.Starting);

    /// <summary>Goes on elsewhere, if any other node takes it: no failure, and at once.</summary>
    public static InstanceState Move(InstanceState state, InstanceSnapshot instance, LifecycleContext context) =>
        Begin(state, instance, context, Events.Moved);

    /// <summary>The intent of a start: a node and the next epoch; or none, and it waits for a node or another instance.</summary>
    public static InstanceState Begin(InstanceState state, InstanceSnapshot instance, LifecycleContext context, string eventType)
    {
        var moves = eventType == Events.Moved;
        if (context.WaitsFor is { } dependency)
        {
            return Await(state, instance, context, dependency, moves);
        }

        var placement = moves ? ChooseForMove(instance, context.Nodes) : NodePlacement.Choose(instance, context.Nodes);
        if (placement.Node is not { } node)
        {
            return Await(state, instance, context, placement.Reason, moves);
        }

        var epoch = instance.Epoch + 1;
        var begun = state.Change(context.Now, instance with
        {
            Status = Starting,
            Busy = true,
            Epoch = epoch,
            Node = node.Name,
            ExitCode = null,
            Signal = null,
            Message = null,
            StartedAt = null,
            EndedAt = null,
            DueAt = null,
            Health = InstanceHealth.Unknown,
            Enforced = null,
            CompletedAt = null,
            Region = instance.Spec.Region ?? node.Regions.FirstOrDefault(region => region != "*"),
        }) with
        {
            Goal = InstanceGoal.None,
            Kill = false,
            ExternalId = null,
            Begun = instance.Spec,
            BegunAt = context.Now,
            Incarnation = node.Incarnation,
            Console = ConsoleOffsets.Of(state).Begin(HasItsOutput(node, state, instance), context.Now),
        };
        if (instance.Node != node.Name)
        {
            begun = begun.Log(context.Now, Events.Scheduled, $"Scheduled on {node.Name}.");
        }

        return moves && instance.Node is { } from && from != node.Name
            ? begun.Log(context.Now, Events.Moved, $"Moved from {from} to {node.Name}: start attempt {epoch}.", ("from", from), ("to", node.Name), ("epoch", epoch.ToString(System.Globalization.CultureInfo.InvariantCulture)))
            : begun.Log(context.Now, moves ? Events.Starting : eventType, $"Start attempt {epoch} on {node.Name}.");
    }

    /// <summary>
    /// The node has been registered anew since this epoch began, and has not started it and never will: the next one begins, as
    /// soon as it is known where. That is no failure.
    /// </summary>
    public static InstanceState BeginAgain(InstanceState state, InstanceSnapshot instance, LifecycleContext context)
    {
        // As this copy knows the node, it would refuse again.
        var others = context.Nodes.Where(node => node.Name != instance.Node || node.Incarnation > state.Incarnation).ToList();
        return NodePlacement.Choose(Unbind(instance), others).Node is null
            ? Await(state, Unbind(instance), context, $"Node {instance.Node} is being registered anew.", moves: false)
            : Begin(state, Unbind(instance), context with { Nodes = others }, Events.Starting);
    }

    /// <summary>Nowhere to run, or not yet: it waits, and nothing changes while the reason stays the same.</summary>
    /// <param name="moves">When it starts, it has moved.</param>
    public static InstanceState Await(InstanceState state, InstanceSnapshot instance, LifecycleContext context, string reason, bool moves) =>
        instance.Status == Pending && instance.Message == reason
            ? state
            : state.Change(context.Now, instance with { Status = Pending, Busy = false, Message = reason, DueAt = null }) with
            {
                Goal = moves ? InstanceGoal.Move : InstanceGoal.None,
                Kill = false,
            };

    /// <summary>An instance that has never run belongs to no node yet; one that has, keeps its output there.</summary>
    public static InstanceSnapshot Unbind(InstanceSnapshot instance) =>
        instance.Epoch == 1 ? instance with { Node = null, Region = null } : instance;

    /// <summary>Another node that would take it now.</summary>
    public static NodePlacement ChooseOther(InstanceSnapshot instance, IReadOnlyList<NodeSnapshot> nodes) =>
        NodePlacement.Choose(instance, [.. nodes.Where(node => node.Name != instance.Node)]);

    /// <summary>It is the node where it ran last, and still the same machine.</summary>
    private static bool HasItsOutput(NodeSnapshot node, InstanceState state, InstanceSnapshot instance) =>
        node.Name == instance.Node && (state.Incarnation == 0 || state.Incarnation >= node.Since);

    private static NodePlacement ChooseForMove(InstanceSnapshot instance, IReadOnlyList<NodeSnapshot> nodes) =>
        ChooseOther(instance, nodes) is { Node: not null } other ? other : NodePlacement.Choose(instance, nodes);
}
