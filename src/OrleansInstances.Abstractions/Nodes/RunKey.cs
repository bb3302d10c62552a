namespace OrleansInstances.Nodes;

/// <summary>One start attempt of one instance; the name under which effects are idempotent.</summary>
[GenerateSerializer, Immutable, Alias("oi.RunKey")]
public readonly record struct RunKey(
    [property: Id(0)] Guid InstanceId,
    [property: Id(1)] long Epoch);
