namespace OrleansInstances.Launches;

/// <summary>A GPU of a miner.</summary>
[GenerateSerializer, Immutable, Alias("oi.ChuteGpu")]
public sealed record ChuteGpu
{
    [Id(0)] public required string Uuid { get; init; }

    [Id(1)] public required string MinerHotkey { get; init; }

    /// <summary>Its kind, a key of the table of GPUs.</summary>
    [Id(2)] public required string Gpu { get; init; }

    [Id(3)] public required string Name { get; init; }

    /// <summary>Bytes.</summary>
    [Id(4)] public required long Memory { get; init; }

    [Id(5)] public required string VerificationHost { get; init; }

    [Id(6)] public int? VerificationPort { get; init; }

    [Id(7)] public bool Verified { get; init; }

    // What else a challenge is made for; null is left out of it.
    [Id(8)] public int? Major { get; init; }
    [Id(9)] public int? Minor { get; init; }
    [Id(10)] public int? Processors { get; init; }
    [Id(11)] public bool? Sxm { get; init; }
    [Id(12)] public double? ClockRate { get; init; }
    [Id(13)] public int? MaxThreadsPerProcessor { get; init; }
    [Id(14)] public bool? ConcurrentKernels { get; init; }
    [Id(15)] public bool? Ecc { get; init; }
}
