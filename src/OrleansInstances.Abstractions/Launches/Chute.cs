using System.Collections.Immutable;

namespace OrleansInstances.Launches;

/// <summary>A workload that miners run.</summary>
[GenerateSerializer, Immutable, Alias("oi.Chute")]
public sealed record Chute
{
    [Id(0)] public required string ChuteId { get; init; }

    [Id(1)] public required string Name { get; init; }

    [Id(2)] public required string Version { get; init; }

    /// <summary>Of the protocol that its program speaks, <c>0.3.0</c>.</summary>
    [Id(3)] public string? ChutesVersion { get; init; }

    [Id(4)] public string? ImageId { get; init; }

    [Id(5)] public string? Code { get; init; }

    [Id(6)] public NodeSelector NodeSelector { get; init; } = new();

    /// <summary>How many instances are wanted; null for as many as there are.</summary>
    [Id(7)] public int? TargetCount { get; init; }

    [Id(8)] public bool Public { get; init; } = true;
}

/// <summary>Which GPUs a chute runs on.</summary>
/// <param name="GpuCount">1 to 8.</param>
/// <param name="MinVramGbPerGpu">16 to 140.</param>
[GenerateSerializer, Immutable, Alias("oi.NodeSelector")]
public sealed record NodeSelector(
    [property: Id(0)] int GpuCount = 1,
    [property: Id(1)] int MinVramGbPerGpu = 16)
{
    /// <summary>Only these kinds; empty for all.</summary>
    [Id(2)] public ImmutableArray<string> Include { get => field.IsDefault ? [] : field; init; }

    [Id(3)] public ImmutableArray<string> Exclude { get => field.IsDefault ? [] : field; init; }
}
