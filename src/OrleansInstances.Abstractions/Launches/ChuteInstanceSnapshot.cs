using System.Collections.Immutable;

namespace OrleansInstances.Launches;

/// <summary>An instance that a miner brings up. Its key for challenges is in none of what is shown.</summary>
[GenerateSerializer, Immutable, Alias("oi.ChuteInstanceSnapshot")]
public sealed record ChuteInstanceSnapshot
{
    /// <summary>The same as of the instance in the catalog.</summary>
    [Id(0)] public required Guid InstanceId { get; init; }

    [Id(1)] public required string ChuteId { get; init; }

    /// <summary>The chute's when it was made.</summary>
    [Id(2)] public required string Version { get; init; }

    [Id(3)] public string? ChutesVersion { get; init; }

    /// <summary>Null for one that was made without a launch config.</summary>
    [Id(4)] public Guid? ConfigId { get; init; }

    /// <summary>The job that it runs.</summary>
    [Id(5)] public string? JobId { get; init; }

    [Id(6)] public required string Host { get; init; }

    [Id(7)] public required int Port { get; init; }

    [Id(8)] public ImmutableArray<PortMapping> Ports { get; init; } = [];

    [Id(9)] public required ImmutableArray<string> Gpus { get; init; }

    [Id(10)] public required string MinerHotkey { get; init; }

    [Id(11)] public required string MinerColdkey { get; init; }

    [Id(12)] public required int MinerUid { get; init; }

    [Id(13)] public bool Active { get; init; }

    [Id(14)] public bool Verified { get; init; }

    [Id(15)] public string? VerificationError { get; init; }

    [Id(16)] public required DateTimeOffset CreatedAt { get; init; }

    [Id(17)] public required DateTimeOffset UpdatedAt { get; init; }

    [Id(18)] public DateTimeOffset? VerifiedAt { get; init; }

    [Id(19)] public DateTimeOffset? ActivatedAt { get; init; }
}

/// <summary>The answer to a request: the instance as it is now, or why not.</summary>
/// <param name="Changed">This request changed it.</param>
[GenerateSerializer, Immutable, Alias("oi.ChuteInstanceReply")]
public sealed record ChuteInstanceReply(
    [property: Id(0)] ChuteInstanceSnapshot? Instance,
    [property: Id(1)] bool Changed,
    [property: Id(2)] LaunchRefusal? Refusal);
