namespace OrleansInstances.Instances;

/// <summary>Something that happened to an instance outside of its own life, for its event log.</summary>
/// <param name="Type">The event's type; an instance has one note of each.</param>
/// <param name="At">When it happened.</param>
/// <param name="Message">For people.</param>
[GenerateSerializer, Immutable, Alias("oi.InstanceNote")]
public sealed record InstanceNote(
    [property: Id(0)] string Type,
    [property: Id(1)] DateTimeOffset At,
    [property: Id(2)] string Message);
