using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansInstances.Gateway.Dialects.Starpod;

/// <summary>Whom it runs as. An empty object is the node's own user.</summary>
public sealed record UserRequest
{
    [JsonPropertyName("uid")]
    public long? Uid { get; init; }

    /// <summary>The same number as <see cref="Uid"/> when not given.</summary>
    [JsonPropertyName("gid")]
    public long? Gid { get; init; }

    /// <summary>Supplementary groups; none when not given.</summary>
    [JsonPropertyName("groups")]
    public IReadOnlyList<long>? Groups { get; init; }

    /// <summary>True when not given.</summary>
    [JsonPropertyName("no_new_privileges")]
    public bool? NoNewPrivileges { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }
}
