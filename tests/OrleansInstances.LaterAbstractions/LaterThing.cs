namespace OrleansInstances.Instances;

/// <summary>A type that no build before this one knows.</summary>
[GenerateSerializer, Immutable, Alias("oi.LaterThing")]
public sealed record LaterThing([property: Id(0)] int Number, [property: Id(1)] string Name);
