using System.Text.Json.Serialization;
using OrleansInstances.Grains.Instances;

namespace OrleansInstances.Grains;

/// <summary>How grain state is written to storage.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(InstanceState))]
public sealed partial class GrainsJson : JsonSerializerContext;
