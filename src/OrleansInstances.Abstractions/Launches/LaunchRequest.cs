namespace OrleansInstances.Launches;

/// <summary>A miner asks for permission to bring up an instance of a chute.</summary>
/// <param name="ChuteId">Of what.</param>
/// <param name="JobId">For which of the chute's jobs; null for none.</param>
/// <param name="Hotkey">Whose signature the request carried.</param>
[GenerateSerializer, Immutable, Alias("oi.LaunchRequest")]
public sealed record LaunchRequest(
    [property: Id(0)] string ChuteId,
    [property: Id(1)] string? JobId,
    [property: Id(2)] string Hotkey);
