using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace OrleansInstances.Gateway.Dialects.Chutes;

/// <param name="Token">What opens the config.</param>
internal sealed record IssuedReply(
    [property: JsonPropertyName("token")] string Token,
    [property: JsonPropertyName("config_id")] Guid ConfigId);

/// <param name="Seed">May be above 2^53.</param>
internal sealed record ClaimedReply(
    [property: JsonPropertyName("seed")] long Seed,
    [property: JsonPropertyName("iterations")] int Iterations,
    [property: JsonPropertyName("job_id")] string? JobId,
    [property: JsonPropertyName("symmetric_key")] SymmetricKeyReply SymmetricKey);

/// <param name="Ciphertext">Base64 of an initial vector and the encrypted digits of the key.</param>
/// <param name="Uuid">The GPU that can decrypt it.</param>
/// <param name="ResponsePlaintext">What to encrypt with the key, as the proof of having it.</param>
internal sealed record SymmetricKeyReply(
    [property: JsonPropertyName("ciphertext")] string Ciphertext,
    [property: JsonPropertyName("uuid")] string Uuid,
    [property: JsonPropertyName("response_plaintext")] string ResponsePlaintext);

/// <param name="ActivationUrl">Where to say that it serves.</param>
internal sealed record VerifiedReply(
    [property: JsonPropertyName("chute_id")] string ChuteId,
    [property: JsonPropertyName("instance_id")] Guid InstanceId,
    [property: JsonPropertyName("verified_at")] string VerifiedAt,
    [property: JsonPropertyName("activation_url")] string ActivationUrl)
{
    // Of a job only.
    [JsonPropertyName("job_id"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? JobId { get; init; }

    [JsonPropertyName("job_method"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? JobMethod { get; init; }

    [JsonPropertyName("job_data"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonNode? JobData { get; init; }

    [JsonPropertyName("job_status_url"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? JobStatusUrl { get; init; }
}

internal sealed record ActivatedReply([property: JsonPropertyName("ok")] bool Ok);

internal sealed record DeletedReply(
    [property: JsonPropertyName("instance_id")] string InstanceId,
    [property: JsonPropertyName("deleted")] bool Deleted);

internal sealed record TokenReply([property: JsonPropertyName("token")] Guid Token);
