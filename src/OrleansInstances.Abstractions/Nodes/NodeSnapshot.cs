using System.Collections.Immutable;
using OrleansInstances.Instances;

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
    [property: Id(6)] bool Full = false)
{
    // An earlier build's silo sends none, and Orleans makes a record like this one without its initial values.
    /// <summary>What an instance's <see cref="InstanceSpec.NodeLabels"/> are compared with.</summary>
    [Id(7)] public ImmutableDictionary<string, string> Labels { get => field ?? ImmutableDictionary<string, string>.Empty; init; }

    /// <summary>The number of its registration, a new and higher one after each fence; 0 before the first.</summary>
    [Id(8)] public long Incarnation { get; init; }

    /// <summary>The first incarnation of this node id under its name: what began before it ran on another machine.</summary>
    [Id(9)] public long Since { get; init; }

    [Id(10)] public NodeStanding Standing { get; init; }

    /// <summary>It takes no new instances.</summary>
    [Id(11)] public bool Cordoned { get; init; }

    /// <summary>What it has for instances with limits; null when it doesn't say.</summary>
    [Id(12)] public NodeRoom? Room { get; init; }

    /// <summary>What the instances that run there take of <see cref="MaxInstances"/> and <see cref="Room"/>, as it last said.</summary>
    [Id(13)] public NodeUse Used { get => field ?? new(0, 0, 0); init; }

    /// <summary>The address of the silo that runs it now.</summary>
    [Id(14)] public string? Silo { get; init; }

    /// <summary>For people: how its draining stands.</summary>
    [Id(15)] public string? Message { get; init; }
}

/// <summary>What is to be shared among instances with limits.</summary>
/// <param name="Cpus">Processors' worth of time.</param>
/// <param name="MemoryMb">MiB.</param>
[GenerateSerializer, Immutable, Alias("oi.NodeRoom")]
public sealed record NodeRoom(
    [property: Id(0)] double Cpus,
    [property: Id(1)] long MemoryMb);

/// <param name="Instances">How many run.</param>
/// <param name="Cpus">The sum of their limits.</param>
/// <param name="MemoryMb">The sum of their limits, MiB.</param>
[GenerateSerializer, Immutable, Alias("oi.NodeUse")]
public sealed record NodeUse(
    [property: Id(0)] int Instances,
    [property: Id(1)] double Cpus,
    [property: Id(2)] long MemoryMb);

/// <summary>What the cluster holds of a node. The numbers are stored.</summary>
public enum NodeStanding
{
    /// <summary>Seen within its lease.</summary>
    Live = 0,

    /// <summary>Not seen within its lease; what runs there is unknown.</summary>
    Lost = 1,

    /// <summary>Whatever may move has ended there for certain.</summary>
    Fenced = 2,

    /// <summary>An operator removed it: it is gone for good.</summary>
    Removed = 3,
}
