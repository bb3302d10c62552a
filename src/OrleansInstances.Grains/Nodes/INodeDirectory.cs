using OrleansInstances.Nodes;

namespace OrleansInstances.Grains.Nodes;

/// <summary>The nodes that a start may choose from, kept in memory so that a grain can ask during its turn.</summary>
public interface INodeDirectory
{
    IReadOnlyList<NodeSnapshot> Nodes { get; }
}
