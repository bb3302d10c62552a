using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansInstances.Gateway.Dialects.Ksm;

/// <summary>The body of every request. A field may be of any type until the check comes whose turn it is to look at it.</summary>
internal sealed record KsmRequest
{
    [JsonPropertyName("password")]
    public JsonElement Password { get; init; }

    [JsonPropertyName("user_key")]
    public JsonElement UserKey { get; init; }

    /// <summary><c>instance_id</c>, and for a method <c>args</c> and <c>kwargs</c>.</summary>
    [JsonPropertyName("instance_data")]
    public JsonElement InstanceData { get; init; }

    /// <summary><c>name</c> and <c>password</c> of who logs in.</summary>
    [JsonPropertyName("user_data")]
    public JsonElement UserData { get; init; }
}
