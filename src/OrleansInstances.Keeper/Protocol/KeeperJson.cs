using System.Text.Json;
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
public sealed partial class KeeperJson : JsonSerializerContext
{
    /// <summary>A message as it is sent.</summary>
    internal static byte[] Line(KeeperMessage message) => [.. JsonSerializer.SerializeToUtf8Bytes(message, Default.KeeperMessage), (byte)'\n'];
}
