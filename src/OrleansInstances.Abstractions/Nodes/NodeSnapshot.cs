using System.Collections.Immutable;

namespace OrleansInstances.Nodes;

/// <summary>A node as the cluster knows it.</summary>
/// <param name="Name">Stable and unique.</param>
/// <param name="NodeId">Random, made when its data folder was; tells two machines of one name apart.</param>
/// <param name="Regions">Served regions; <c>*</c> serves every region asked for.</param>
/// <param name="Drivers">What it can run.</param>
/// <param name="MaxInstances">How many instances it runs at once.</param>
/// <param name="RegisteredAt">When it last came up.</param>
/// <param name="Full">It runs as many as it may, as far as is known here; a start that finds out later is told so by the node.</param>
[GenerateSerializer, Immutable, Alias("oi.NodeSnapshot")]
public sealed record NodeSnapshot(
    [property: Id(0)] string Name,
    [property: Id(1)] Guid NodeId,
    [property: Id(2)] ImmutableArray<string> Regions,
    [property: Id(3)] ImmutableArray<string> Drivers,
    [property: Id(4)] int MaxInstances,
    [property: Id(5)] DateTimeOffset RegisteredAt,
    [property: Id(6)] bool Full = false);
