namespace OrleansInstances.Launches;

/// <summary>Who is registered to bring up instances.</summary>
/// <param name="Hotkey">The ss58 address that it signs with.</param>
/// <param name="BlacklistReason">Why nothing of it is taken; null for a good one.</param>
[GenerateSerializer, Immutable, Alias("oi.ChuteMiner")]
public sealed record ChuteMiner(
    [property: Id(0)] string Hotkey,
    [property: Id(1)] string Coldkey,
    [property: Id(2)] int Uid,
    [property: Id(3)] string? BlacklistReason = null);
