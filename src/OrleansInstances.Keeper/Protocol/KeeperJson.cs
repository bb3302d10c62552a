using System.Text.Json.Serialization;

namespace OrleansInstances.Keeper.Protocol;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(KeeperRequest))]
[JsonSerializable(typeof(KeeperMessage))]
[JsonSerializable(typeof(RunRecord))]
public sealed partial class KeeperJson : JsonSerializerContext;
