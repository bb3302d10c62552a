namespace OrleansInstances.Nodes;

/// <summary>What an instance uses right now.</summary>
/// <param name="CpuPercent">Of one core, over the time since the previous sample (since its start at first).</param>
/// <param name="MemoryBytes">Resident memory of the whole tree.</param>
/// <param name="DiskBytes">Its folder on the node: console and working files.</param>
/// <param name="Heartbeat">When the node last saw it alive.</param>
/// <param name="Uptime">Since its program started.</param>
[GenerateSerializer, Immutable, Alias("oi.InstanceUsage")]
public sealed record InstanceUsage(
    [property: Id(0)] Guid InstanceId,
    [property: Id(1)] double CpuPercent,
    [property: Id(2)] long MemoryBytes,
    [property: Id(3)] long DiskBytes,
    [property: Id(4)] DateTimeOffset Heartbeat,
    [property: Id(5)] TimeSpan Uptime);
