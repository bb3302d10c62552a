using OrleansInstances.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Grains.Nodes;

/// <summary>Where an instance may be started.</summary>
/// <param name="Node">The node's name; null when none takes it.</param>
/// <param name="Reason">Why none does.</param>
public readonly record struct NodePlacement(string? Node, string Reason)
{
    /// <summary>
    /// The node that is to run the instance. An instance that waits for its node goes nowhere else; any other is spread
    /// over the nodes that serve its region and have its driver.
    /// </summary>
    public static NodePlacement Choose(InstanceSnapshot instance, IReadOnlyList<NodeSnapshot> nodes)
    {
        var spec = instance.Spec;
        var bound = spec.Node ?? (spec.OnNodeLoss == NodeLossPolicy.Wait ? instance.Node : null);
        var candidates = nodes.Where(node => bound is null || node.Name == bound).ToList();
        if (candidates.Count == 0)
        {
            return None(bound is null ? "There is no node." : $"Node \"{bound}\" is not there.");
        }

        candidates.RemoveAll(node => !Serves(node, spec.Region));
        if (candidates.Count == 0)
        {
            return None($"No node serves region \"{spec.Region}\".");
        }

        candidates.RemoveAll(node => !node.Drivers.Contains(spec.Driver));
        if (candidates.Count == 0)
        {
            return None($"No node has the driver \"{spec.Driver}\".");
        }

        candidates.RemoveAll(node => node.Full);
        return candidates.Count == 0
            ? None("No node has room.")
            : new(candidates[instance.Number % candidates.Count].Name, "");
    }

    private static bool Serves(NodeSnapshot node, string? region) =>
        region is null || node.Regions.Contains("*") || node.Regions.Contains(region);

    private static NodePlacement None(string reason) => new(null, reason);
}
