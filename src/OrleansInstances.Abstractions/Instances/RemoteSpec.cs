namespace OrleansInstances.Instances;

/// <summary>Where a workload that somebody else runs can be reached; for the driver <c>remote</c>.</summary>
/// <param name="Host">A name or an address.</param>
/// <param name="Port">1 to 65535.</param>
[GenerateSerializer, Immutable, Alias("oi.RemoteSpec")]
public sealed record RemoteSpec(
    [property: Id(0)] string Host,
    [property: Id(1)] int Port);
