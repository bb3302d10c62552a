namespace OrleansInstances.Nodes;

/// <summary>No silo of that node can be reached; nothing was asked of it.</summary>
[GenerateSerializer, Alias("oi.NodeUnreachableException")]
public sealed class NodeUnreachableException(string node) : Exception($"Node {node} can't be reached.")
{
    [Id(0)] public string Node { get; } = node;
}
