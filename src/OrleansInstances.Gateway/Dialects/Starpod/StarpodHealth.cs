using System.Text.Json.Serialization;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Gateway.Dialects.Starpod;

/// <summary>What an instance uses. A starpod client needs all five, and integers without decimals but for the first.</summary>
/// <param name="CpuPercent">Of one core, one decimal.</param>
/// <param name="MemoryMb">MiB, rounded down.</param>
/// <param name="DiskMb">MiB, rounded down.</param>
/// <param name="LastHeartbeat">Unix seconds. Clients restart a running instance whose heartbeat is older than 90 s.</param>
/// <param name="UptimeSecs">Seconds since the program started, rounded down.</param>
public sealed record StarpodHealth(
    [property: JsonPropertyName("cpu_percent")] double CpuPercent,
    [property: JsonPropertyName("memory_mb")] long MemoryMb,
    [property: JsonPropertyName("disk_mb")] long DiskMb,
    [property: JsonPropertyName("last_heartbeat")] long LastHeartbeat,
    [property: JsonPropertyName("uptime_secs")] long UptimeSecs)
{
    private const long MiB = 1024 * 1024;

    public static StarpodHealth Of(InstanceUsage usage) => new(
        Math.Round(usage.CpuPercent, 1),
        usage.MemoryBytes / MiB,
        usage.DiskBytes / MiB,
        usage.Heartbeat.ToUnixTimeSeconds(),
        (long)usage.Uptime.TotalSeconds);

    /// <summary>Of an instance that does not run: it uses nothing, and its heartbeat is the last time it was seen to change.</summary>
    public static StarpodHealth OfIdle(InstanceSnapshot instance) =>
        new(0, 0, 0, (instance.EndedAt ?? instance.UpdatedAt).ToUnixTimeSeconds(), 0);
}
