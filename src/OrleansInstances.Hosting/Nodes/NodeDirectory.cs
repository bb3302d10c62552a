using OrleansInstances.Grains.Nodes;
using OrleansInstances.Nodes;

namespace OrleansInstances.Hosting.Nodes;

/// <summary>The nodes seen within the lease, as last read from the node table; of the one here it is also known whether it is full.</summary>
internal sealed class NodeDirectory(NodeSnapshot self, NodeRuntime runtime) : INodeDirectory
{
    private volatile IReadOnlyList<NodeSnapshot> _known = [];

    public IReadOnlyList<NodeSnapshot> Nodes =>
        runtime.HasRoom ? _known : [.. _known.Select(node => node.Name == self.Name ? node with { Full = true } : node)];

    public void Update(IEnumerable<NodeSnapshot> nodes) => _known = [.. nodes];
}
