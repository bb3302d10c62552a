using System.Collections.Immutable;
using System.Text.Json.Serialization;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Storage;

/// <summary>JSON in columns. Enums are numbers, which are append-only, so that a renamed member does not change what is stored.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(InstanceSnapshot))]
[JsonSerializable(typeof(NodeSnapshot))]
[JsonSerializable(typeof(ImmutableDictionary<string, string>))]
[JsonSerializable(typeof(IEnumerable<int>))]
[JsonSerializable(typeof(IEnumerable<string>))]
[JsonSerializable(typeof(IReadOnlyCollection<string>))]
internal sealed partial class StorageJson : JsonSerializerContext;
