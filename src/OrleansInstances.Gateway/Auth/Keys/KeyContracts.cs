using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansInstances.Storage.Keys;

namespace OrleansInstances.Gateway.Auth.Keys;

/// <summary>The body of POST /api/keys.</summary>
public sealed record KeyRequest
{
    [JsonPropertyName("name")]
    public string? Name { get; init; }

    [JsonPropertyName("scopes")]
    public IReadOnlyList<string?>? Scopes { get; init; }

    [JsonPropertyName("owner")]
    public string? Owner { get; init; }

    [JsonPropertyName("labels")]
    public IReadOnlyDictionary<string, string?>? Labels { get; init; }

    /// <summary>Unix seconds, or RFC 3339.</summary>
    [JsonPropertyName("expires_at")]
    public JsonElement? ExpiresAt { get; init; }
}

/// <summary>A key as administrators see it; never its hash.</summary>
/// <param name="CreatedAt">Unix seconds.</param>
/// <param name="ExpiresAt">Unix seconds; null is never.</param>
/// <param name="Key">Only in the answer that made it.</param>
public sealed record KeyDescription(
    [property: JsonPropertyName("id")] Guid Id,
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("scopes")] IReadOnlyList<string> Scopes,
    [property: JsonPropertyName("owner")] string? Owner,
    [property: JsonPropertyName("labels")] ImmutableDictionary<string, string> Labels,
    [property: JsonPropertyName("created_at")] long CreatedAt,
    [property: JsonPropertyName("expires_at")] long? ExpiresAt,
    [property: JsonPropertyName("key"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Key = null)
{
    public static KeyDescription Of(StoredKey key) => new(
        key.Id,
        key.Name,
        key.Scopes.Split(' '),
        key.Owner,
        key.Labels,
        key.CreatedAt.ToUnixTimeSeconds(),
        key.ExpiresAt?.ToUnixTimeSeconds());
}

[JsonSerializable(typeof(KeyRequest))]
[JsonSerializable(typeof(KeyDescription))]
[JsonSerializable(typeof(IEnumerable<KeyDescription>))]
internal sealed partial class KeyJson : JsonSerializerContext
{
    public static KeyJson Wire { get; } = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
