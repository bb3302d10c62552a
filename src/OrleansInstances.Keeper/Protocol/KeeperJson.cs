using System.Text.Json.Serialization;
using OrleansInstances.Keeper.Runs;

namespace OrleansInstances.Keeper.Protocol;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(KeeperRequest))]
[JsonSerializable(typeof(KeeperMessage))]
[JsonSerializable(typeof(RunRecord))]
[JsonSerializable(typeof(Lease))]
public sealed partial class KeeperJson : JsonSerializerContext;
