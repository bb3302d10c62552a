using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Orleans.Storage;

namespace OrleansInstances.Storage.Postgres;

/// <summary>Grain state as UTF-8 JSON, from which the statement that stores an instance's takes what the catalog is compared by.</summary>
/// <param name="stateTypes">How the states are serialised: the grains' own source-generated context.</param>
internal sealed class PostgresGrainStateJson(IJsonTypeInfoResolver stateTypes) : IGrainStorageSerializer
{
    // Set here, since a context's own settings don't count for options made outside it, and that statement goes by names.
    private readonly JsonSerializerOptions json = new()
    {
        TypeInfoResolver = stateTypes,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input!, TypeInfo<T>()));

    public T Deserialize<T>(BinaryData input) =>
        JsonSerializer.Deserialize(input.ToMemory().Span, TypeInfo<T>()) ?? throw new JsonException("The stored state is null.");

    private JsonTypeInfo<T> TypeInfo<T>() => (JsonTypeInfo<T>)json.GetTypeInfo(typeof(T));
}
