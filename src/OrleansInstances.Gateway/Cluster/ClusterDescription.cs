using System.Collections.Immutable;
using System.Text.Json.Serialization;
using OrleansInstances.Nodes;
using OrleansInstances.Storage.Nodes;

namespace OrleansInstances.Gateway.Cluster;

/// <summary>A node as the cluster knows it.</summary>
/// <param name="Id">Random, made with its data folder; tells two machines of one name apart.</param>
/// <param name="State"><c>up</c>; <c>lost</c> when it was not seen within its lease; <c>fenced</c>, <c>removed</c>.</param>
/// <param name="RegisteredAt">Unix seconds.</param>
/// <param name="SeenAt">Unix seconds.</param>
public sealed record NodeDescription(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("id")] Guid Id,
    [property: JsonPropertyName("state")] string State,
    [property: JsonPropertyName("regions")] ImmutableArray<string> Regions,
    [property: JsonPropertyName("drivers")] ImmutableArray<string> Drivers,
    [property: JsonPropertyName("max_instances")] int MaxInstances,
    [property: JsonPropertyName("registered_at")] long RegisteredAt,
    [property: JsonPropertyName("seen_at")] long SeenAt)
{
    public static NodeDescription Of(NodeRow row) => new(
        row.Node.Name,
        row.Node.NodeId,
        row.Standing switch
        {
            NodeStanding.Live => "up",
            NodeStanding.Lost => "lost",
            NodeStanding.Fenced => "fenced",
            _ => "removed",
        },
        row.Node.Regions,
        row.Node.Drivers,
        row.Node.MaxInstances,
        row.Node.RegisteredAt.ToUnixTimeSeconds(),
        row.SeenAt.ToUnixTimeSeconds());
}

/// <summary>What this cluster is.</summary>
/// <param name="Engine">What runs the grains: <c>Orleans</c> or <c>Embedded</c>.</param>
/// <param name="EngineVersion">Of the engine.</param>
/// <param name="Version">Of OrleansInstances.</param>
public sealed record ClusterDescription(
    [property: JsonPropertyName("engine")] string Engine,
    [property: JsonPropertyName("engine_version")] string EngineVersion,
    [property: JsonPropertyName("version")] string Version,
    [property: JsonPropertyName("nodes")] IReadOnlyList<NodeDescription> Nodes);

[JsonSerializable(typeof(ClusterDescription))]
[JsonSerializable(typeof(IEnumerable<NodeDescription>))]
internal sealed partial class ClusterJson : JsonSerializerContext;
