using System.Text.Json.Serialization;

namespace OrleansInstances.Gateway.Dialects.Ksm;

/// <summary>The body of a call, as the description tells it: <see cref="KsmRequest"/> with the types that its fields should have.</summary>
internal sealed record KsmCallBody(
    [property: JsonPropertyName("password")] string Password,
    [property: JsonPropertyName("user_key")] string UserKey,
    [property: JsonPropertyName("instance_data")] KsmCallData InstanceData);

/// <param name="Arguments">Lines, for server_send.</param>
internal sealed record KsmCallData(
    [property: JsonPropertyName("instance_id")] int InstanceId,
    [property: JsonPropertyName("args")] IReadOnlyList<string>? Arguments = null);

/// <summary>The body of what is about no single instance.</summary>
internal sealed record KsmListBody(
    [property: JsonPropertyName("password")] string Password,
    [property: JsonPropertyName("user_key")] string UserKey);

/// <summary>The body of a login.</summary>
internal sealed record KsmLoginBody(
    [property: JsonPropertyName("password")] string Password,
    [property: JsonPropertyName("user_data")] KsmLoginData UserData);

internal sealed record KsmLoginData(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("password")] string Password);

/// <summary>
/// What any call answers: the outcome, and beside it what was asked for when there is any. HTTP says 200 for all of them, so
/// one type has to tell them all.
/// </summary>
/// <param name="Status">200 when it went well.</param>
internal sealed record KsmEnvelope(
    [property: JsonPropertyName("status")] int Status,
    [property: JsonPropertyName("message")] string? Message = null,
    [property: JsonPropertyName("outputs")] IReadOnlyList<string>? Outputs = null,
    [property: JsonPropertyName("instance")] InstanceOutput? Instance = null,
    [property: JsonPropertyName("instances")] IReadOnlyList<KsmInstance>? Instances = null,
    [property: JsonPropertyName("instance_data")] KsmInstance? InstanceData = null,
    [property: JsonPropertyName("user_data")] UserKey? UserData = null);
