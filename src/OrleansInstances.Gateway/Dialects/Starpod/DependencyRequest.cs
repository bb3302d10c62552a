using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansInstances.Gateway.Dialects.Starpod;

/// <summary>An instance that has to be there before this one starts.</summary>
public sealed record DependencyRequest
{
    /// <summary>Any of its names: UUID, <c>inst_</c> form, number.</summary>
    [JsonPropertyName("id")]
    public string? Id { get; init; }

    /// <summary><c>started</c> (when not given) or <c>healthy</c>.</summary>
    [JsonPropertyName("condition")]
    public string? Condition { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }
}
