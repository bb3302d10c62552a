using System.Collections.Immutable;

namespace OrleansInstances.Launches;

/// <summary>Something that one instance of a chute is to do, and miners race for.</summary>
[GenerateSerializer, Immutable, Alias("oi.ChuteJob")]
public sealed record ChuteJob
{
    [Id(0)] public required string JobId { get; init; }

    [Id(1)] public required string ChuteId { get; init; }

    [Id(2)] public required string Method { get; init; }

    /// <summary>What its instance must have mapped besides 8000 and 8001.</summary>
    [Id(3)] public ImmutableArray<JobPort> Ports { get => field.IsDefault ? [] : field; init; }

    [Id(4)] public long? DiskGb { get; init; }

    /// <summary>JSON; null when there is none.</summary>
    [Id(5)] public string? Args { get; init; }
}

/// <param name="Proto"><c>tcp</c>, <c>udp</c> or <c>http</c>.</param>
[GenerateSerializer, Immutable, Alias("oi.JobPort")]
public sealed record JobPort(
    [property: Id(0)] int Port,
    [property: Id(1)] string Proto);
