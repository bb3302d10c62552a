using System.Text.Json;
using Orleans.Storage;

namespace OrleansInstances.Storage.Postgres;

/// <summary>Grain state as UTF-8 JSON, from which the statement that stores an instance's takes what the catalog is compared by.</summary>
internal sealed class PostgresGrainStateJson : IGrainStorageSerializer
{
    public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input, StoredJson.Named));

    public T Deserialize<T>(BinaryData input) =>
        JsonSerializer.Deserialize<T>(input.ToMemory().Span, StoredJson.Named) ?? throw new JsonException("The stored state is null.");
}
