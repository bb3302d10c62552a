using OrleansInstances.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Grains.Nodes;

/// <summary>All nodes that the cluster knows, lost ones too, kept in memory so that a grain can ask during its turn.</summary>
public interface INodeDirectory
{
    IReadOnlyList<NodeSnapshot> Nodes { get; }

    /// <summary>A start is decided here: until its node itself says what it uses, this counts as used too, so that a burst spreads.</summary>
    /// <param name="instance">With the epoch that starts and the node where.</param>
    void Placed(InstanceSnapshot instance);
}
