using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansInstances.Gateway.Dialects.Chutes.Bodies;

/// <summary>The body of a verification. It has no model: what is missing or of another type is a proof that fails.</summary>
/// <param name="Response">Base64 of the encrypted sentence.</param>
/// <param name="Iv">32 hexadecimal digits.</param>
/// <param name="Proof">By the uuid of a GPU.</param>
/// <param name="FileSystem">As in a claim.</param>
internal sealed record ProofBody(
    [property: JsonPropertyName("response")] string? Response,
    [property: JsonPropertyName("iv")] string? Iv,
    [property: JsonPropertyName("proof")] JsonElement Proof,
    [property: JsonPropertyName("fsv")] string? FileSystem)
{
    public static ProofBody Read(JsonElement body) => new(
        TextOf(body, "response"),
        TextOf(body, "iv"),
        body.TryGetProperty("proof", out var proof) ? proof : default,
        TextOf(body, "fsv"));

    /// <summary>What a GPU has made; null when it made nothing.</summary>
    public string? WorkProductOf(string gpu) =>
        Proof.ValueKind == JsonValueKind.Object && Proof.TryGetProperty(gpu, out var one) && one.ValueKind == JsonValueKind.Object
            ? TextOf(one, "work_product")
            : null;

    private static string? TextOf(JsonElement model, string name) =>
        model.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
