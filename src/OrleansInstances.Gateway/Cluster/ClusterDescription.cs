using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansInstances.Gateway.Cluster;

/// <summary>What this cluster is.</summary>
/// <param name="Engine">What runs the grains: <c>Orleans</c> or <c>Embedded</c>.</param>
/// <param name="EngineVersion">Of the engine.</param>
/// <param name="Version">Of OrleansInstances.</param>
public sealed record ClusterDescription(
    [property: JsonPropertyName("engine")] string Engine,
    [property: JsonPropertyName("engine_version")] string EngineVersion,
    [property: JsonPropertyName("version")] string Version,
    [property: JsonPropertyName("nodes")] IReadOnlyList<NodeDescription> Nodes);

/// <summary>The body of POST /api/nodes/{name}/drain.</summary>
public sealed record DrainRequest
{
    /// <summary>Whether the instances that wait for their node are stopped.</summary>
    [JsonPropertyName("stop_waiting")]
    public bool? StopWaiting { get; init; }
}

[JsonSerializable(typeof(ClusterDescription))]
[JsonSerializable(typeof(DrainRequest))]
[JsonSerializable(typeof(IEnumerable<NodeDescription>))]
internal sealed partial class ClusterJson : JsonSerializerContext
{
    public static ClusterJson Wire { get; } = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
