using System.Text.Json.Serialization;
using OrleansInstances.Instances;

namespace OrleansInstances.Gateway.Dialects.Starpod;

/// <summary>The limits asked for, and which of them its current run's node enforces.</summary>
public sealed record LimitsReply(
    [property: JsonPropertyName("memory_mb")] long MemoryMb,
    [property: JsonPropertyName("cpus")] double Cpus,
    [property: JsonPropertyName("pids")] int Pids,
    [property: JsonPropertyName("enforced")] EnforcedReply? Enforced)
{
    /// <summary>Null for an instance without limits.</summary>
    public static LimitsReply? Of(InstanceSnapshot instance) => instance.Spec.Limits is { Any: true } limits
        ? new(limits.MemoryMb, limits.Cpus, limits.Pids, instance.Enforced is { } enforced ? new(enforced.Memory, enforced.Cpus, enforced.Pids, enforced.Why) : null)
        : null;
}

/// <summary>Null for a limit that wasn't asked for.</summary>
public sealed record EnforcedReply(
    [property: JsonPropertyName("memory")] bool? Memory,
    [property: JsonPropertyName("cpus")] bool? Cpus,
    [property: JsonPropertyName("pids")] bool? Pids,
    [property: JsonPropertyName("message")] string? Message);
