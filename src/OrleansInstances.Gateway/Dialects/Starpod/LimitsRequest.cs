using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansInstances.Gateway.Dialects.Starpod;

/// <summary>What all its processes together may use; 0 or not given is without limit.</summary>
public sealed record LimitsRequest
{
    [JsonPropertyName("memory_mb")]
    public long? MemoryMb { get; init; }

    /// <summary>Processors' worth of time, such as 0.5.</summary>
    [JsonPropertyName("cpus")]
    public double? Cpus { get; init; }

    /// <summary>Processes and threads.</summary>
    [JsonPropertyName("pids")]
    public int? Pids { get; init; }

    /// <summary>Whether it must not start where one of them can't be enforced.</summary>
    [JsonPropertyName("required")]
    public bool? Required { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }
}
