using OrleansInstances.Grains.Nodes;
using OrleansInstances.Nodes;

namespace OrleansInstances.Hosting.Nodes;

/// <summary>The nodes seen within the lease, as last read from the node table.</summary>
internal sealed class NodeDirectory : INodeDirectory
{
    private volatile IReadOnlyList<NodeSnapshot> _nodes = [];

    public IReadOnlyList<NodeSnapshot> Nodes
    {
        get => _nodes;
        set => _nodes = value;
    }
}
