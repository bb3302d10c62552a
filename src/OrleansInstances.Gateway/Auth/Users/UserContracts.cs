using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansInstances.Storage.Users;

namespace OrleansInstances.Gateway.Auth.Users;

/// <summary>The body that makes or changes a user. Null is "not given".</summary>
public sealed record UserRequest
{
    [JsonPropertyName("name")]
    public string? Name { get; init; }

    [JsonPropertyName("password")]
    public string? Password { get; init; }

    [JsonPropertyName("administrator")]
    public bool? Administrator { get; init; }
}

/// <summary>A user as administrators see it; never its password's hash.</summary>
/// <param name="CreatedAt">Unix seconds.</param>
public sealed record UserDescription(
    [property: JsonPropertyName("id")] int Id,
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("administrator")] bool Administrator,
    [property: JsonPropertyName("created_at")] long CreatedAt)
{
    public static UserDescription Of(StoredUser user) => new(user.Id, user.Name, user.IsAdministrator, user.CreatedAt.ToUnixTimeSeconds());
}

/// <summary>The body of PUT …/permissions/{instance}.</summary>
public sealed record PermissionsRequest([property: JsonPropertyName("permissions")] IReadOnlyList<string?>? Permissions);

/// <summary>What a user may do with one instance.</summary>
/// <param name="Instance">Its UUID.</param>
/// <param name="Number">Null for an instance that is deleted.</param>
/// <param name="Permissions">Words.</param>
public sealed record PermissionsDescription(
    [property: JsonPropertyName("instance")] Guid Instance,
    [property: JsonPropertyName("number")] int? Number,
    [property: JsonPropertyName("permissions")] IEnumerable<string> Permissions);

[JsonSerializable(typeof(UserRequest))]
[JsonSerializable(typeof(UserDescription))]
[JsonSerializable(typeof(IEnumerable<UserDescription>))]
[JsonSerializable(typeof(PermissionsRequest))]
[JsonSerializable(typeof(PermissionsDescription))]
[JsonSerializable(typeof(IEnumerable<PermissionsDescription>))]
internal sealed partial class UserJson : JsonSerializerContext
{
    public static UserJson Wire { get; } = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
