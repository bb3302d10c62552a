using OrleansInstances.Instances;

namespace OrleansInstances.Nodes;

/// <summary>How much of what was offered to an instance's stdin was taken.</summary>
/// <param name="Taken">Bytes, from the first on.</param>
/// <param name="Refusal">Set when it was not all.</param>
[GenerateSerializer, Immutable, Alias("oi.InputReply")]
public sealed record InputReply(
    [property: Id(0)] int Taken,
    [property: Id(1)] Refusal? Refusal);
