using Orleans.Placement;

namespace OrleansInstances.Grains.Nodes;

/// <summary>The grain is activated on the silo of the node that its key names, and nowhere else.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class OnItsNodeAttribute() : PlacementAttribute(new OnItsNode());

/// <summary>Decided by the host, which knows the silo of each node.</summary>
[GenerateSerializer, Immutable, Alias("oi.OnItsNode")]
public sealed class OnItsNode : PlacementStrategy;
