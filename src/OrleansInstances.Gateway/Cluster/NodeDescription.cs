using System.Collections.Immutable;
using System.Text.Json.Serialization;
using OrleansInstances.Nodes;
using OrleansInstances.Storage.Nodes;

namespace OrleansInstances.Gateway.Cluster;

/// <summary>A node as the cluster knows it.</summary>
/// <param name="Id">Random, made with its data folder; tells two machines of one name apart.</param>
/// <param name="State"><c>up</c>, <c>lost</c> when it was not seen within its lease, <c>fenced</c> when whatever may move has ended there too.</param>
/// <param name="Incarnation">The number of its registration, a new and higher one after each fence.</param>
/// <param name="Cordon">What an operator said: <c>none</c>, <c>cordoned</c>, <c>draining</c>, or <c>draining_all</c>.</param>
/// <param name="Message">How its draining stands.</param>
/// <param name="Room">What its instances' limits share; null when it doesn't say.</param>
/// <param name="Used">What its instances take.</param>
/// <param name="Silo">The address of the silo that runs it, or last did.</param>
/// <param name="LeaseSeconds">How long it counts as there without being seen.</param>
/// <param name="RegisteredAt">When its silo last came up. Unix seconds.</param>
/// <param name="SeenAt">Unix seconds.</param>
public sealed record NodeDescription(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("id")] Guid Id,
    [property: JsonPropertyName("state")] string State,
    [property: JsonPropertyName("incarnation")] long Incarnation,
    [property: JsonPropertyName("cordon")] string Cordon,
    [property: JsonPropertyName("message")] string? Message,
    [property: JsonPropertyName("regions")] ImmutableArray<string> Regions,
    [property: JsonPropertyName("labels")] ImmutableDictionary<string, string> Labels,
    [property: JsonPropertyName("drivers")] ImmutableArray<string> Drivers,
    [property: JsonPropertyName("max_instances")] int MaxInstances,
    [property: JsonPropertyName("room")] RoomDescription? Room,
    [property: JsonPropertyName("used")] UseDescription Used,
    [property: JsonPropertyName("silo")] string? Silo,
    [property: JsonPropertyName("lease_seconds")] double LeaseSeconds,
    [property: JsonPropertyName("registered_at")] long RegisteredAt,
    [property: JsonPropertyName("seen_at")] long SeenAt)
{
    public static NodeDescription Of(NodeRow row) => new(
        row.Node.Name,
        row.Node.NodeId,
        WordOf(row.Standing),
        row.Incarnation,
        WordOf(row.Cordon),
        row.Node.Message,
        row.Node.Regions,
        row.Node.Labels,
        row.Node.Drivers,
        row.Node.MaxInstances,
        row.Node.Room is { } room ? new(room.Cpus, room.MemoryMb) : null,
        new(row.Node.Used.Instances, row.Node.Used.Cpus, row.Node.Used.MemoryMb),
        row.Node.Silo,
        row.Lease.TotalSeconds,
        row.Node.RegisteredAt.ToUnixTimeSeconds(),
        row.SeenAt.ToUnixTimeSeconds());

    private static string WordOf(NodeStanding standing) => standing switch
    {
        NodeStanding.Live => "up",
        NodeStanding.Fenced => "fenced",
        _ => "lost",
    };

    private static string WordOf(NodeCordon cordon) => cordon switch
    {
        NodeCordon.Cordoned => "cordoned",
        NodeCordon.Draining => "draining",
        NodeCordon.DrainingAll => "draining_all",
        _ => "none",
    };
}

/// <param name="Cpus">Processors' worth of time.</param>
/// <param name="MemoryMb">MiB.</param>
public sealed record RoomDescription(
    [property: JsonPropertyName("cpus")] double Cpus,
    [property: JsonPropertyName("memory_mb")] long MemoryMb);

/// <param name="Instances">How many run.</param>
/// <param name="Cpus">The sum of their limits.</param>
/// <param name="MemoryMb">The sum of their limits, MiB.</param>
public sealed record UseDescription(
    [property: JsonPropertyName("instances")] int Instances,
    [property: JsonPropertyName("cpus")] double Cpus,
    [property: JsonPropertyName("memory_mb")] long MemoryMb);
