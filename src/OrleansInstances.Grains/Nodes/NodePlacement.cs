using OrleansInstances.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Grains.Nodes;

/// <summary>Where an instance may be started.</summary>
/// <param name="Node">The node; null when none takes it.</param>
/// <param name="Reason">Why none does.</param>
public readonly record struct NodePlacement(NodeSnapshot? Node, string Reason)
{
    /// <summary>
    /// The node that is to run the instance: of those that may and can, the one where it ran last, for its output and files
    /// are there; else the one that is used least. An instance that waits for its node goes nowhere else, unless that was removed.
    /// </summary>
    public static NodePlacement Choose(InstanceSnapshot instance, IReadOnlyList<NodeSnapshot> nodes)
    {
        var spec = instance.Spec;
        var bound = spec.Node ?? (spec.OnNodeLoss == NodeLossPolicy.Wait && !IsRemoved(instance.Node, nodes) ? instance.Node : null);
        var candidates = nodes.Where(node => (bound is null || node.Name == bound) && node.Standing != NodeStanding.Removed).ToList();
        if (candidates.Count == 0)
        {
            return None(bound is null ? "There is no node." : $"Node \"{bound}\" is not there.");
        }

        if (!Keep(node => node.Standing == NodeStanding.Live))
        {
            return None(bound is null ? "No node can be reached." : $"Node \"{bound}\" is lost.");
        }

        if (!Keep(node => Serves(node, spec.Region)))
        {
            return None($"No node serves region \"{spec.Region}\".");
        }

        if (!Keep(node => spec.NodeLabels.All(label => node.Labels.TryGetValue(label.Key, out var value) && value == label.Value)))
        {
            return None($"No node has the labels {string.Join(", ", spec.NodeLabels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}"))}.");
        }

        if (!Keep(node => node.Drivers.Contains(spec.Driver)))
        {
            return None($"No node has the driver \"{spec.Driver}\".");
        }

        if (!Keep(node => !node.Cordoned))
        {
            return None(bound is null ? "Every node that could run it is cordoned." : $"Node \"{bound}\" is cordoned.");
        }

        if (!Keep(node => HasRoom(node, spec.Limits)))
        {
            return None("No node has room.");
        }

        if (candidates.Find(node => node.Name == instance.Node) is { } last)
        {
            return new(last, "");
        }

        var least = candidates.Min(Use);
        candidates.RemoveAll(node => Use(node) > least);
        return new(candidates[instance.Number % candidates.Count], "");

        bool Keep(Predicate<NodeSnapshot> suits)
        {
            candidates.RemoveAll(node => !suits(node));
            return candidates.Count > 0;
        }
    }

    private static bool IsRemoved(string? name, IReadOnlyList<NodeSnapshot> nodes) =>
        nodes.FirstOrDefault(node => node.Name == name) is { Standing: NodeStanding.Removed };

    private static bool Serves(NodeSnapshot node, string? region) =>
        region is null || node.Regions.Contains("*") || node.Regions.Contains(region);

    /// <summary>What an instance doesn't limit, it doesn't take of the room for limits.</summary>
    private static bool HasRoom(NodeSnapshot node, InstanceLimits limits) =>
        !node.Full
        && node.Used.Instances < node.MaxInstances
        && (node.Room is not { } room
            || ((limits.Cpus == 0 || node.Used.Cpus + limits.Cpus <= room.Cpus)
                && (limits.MemoryMb == 0 || node.Used.MemoryMb + limits.MemoryMb <= room.MemoryMb)));

    /// <summary>The scarcest of a node's means, as a share of what it has.</summary>
    private static double Use(NodeSnapshot node) => Math.Max(
        (double)node.Used.Instances / node.MaxInstances,
        node.Room is { } room ? Math.Max(Share(node.Used.Cpus, room.Cpus), Share(node.Used.MemoryMb, room.MemoryMb)) : 0);

    private static double Share(double used, double room) => room > 0 ? used / room : 0;

    private static NodePlacement None(string reason) => new(null, reason);
}
