using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace OrleansInstances.Storage;

/// <summary>JSON of lists and maps, in columns and parameters. Records are <see cref="StoredJson"/>'s.</summary>
[JsonSerializable(typeof(ImmutableArray<string>))]
[JsonSerializable(typeof(ImmutableDictionary<string, string>))]
[JsonSerializable(typeof(IEnumerable<int>))]
[JsonSerializable(typeof(IEnumerable<string>))]
[JsonSerializable(typeof(IReadOnlyCollection<string>))]
internal sealed partial class StorageJson : JsonSerializerContext;
