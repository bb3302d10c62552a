using Orleans.Placement;

namespace OrleansInstances.Grains.Nodes;

/// <summary>The grain is activated on the silo of the node that its key names, and nowhere else.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class OnItsNodeAttribute() : PlacementAttribute(new OnItsNode());

/// <summary>Decided by the host, which knows the silo of each node.</summary>
[GenerateSerializer, Immutable, Alias("oi.OnItsNode")]
public sealed class OnItsNode : PlacementStrategy;

/// <summary>No silo of that node can be reached; nothing was asked of it.</summary>
[GenerateSerializer, Alias("oi.NodeUnreachableException")]
public sealed class NodeUnreachableException(string node) : Exception($"Node {node} can't be reached.")
{
    [Id(0)] public string Node { get; } = node;
}
