using System.Collections.Immutable;

namespace OrleansInstances.Launches;

/// <summary>Something that happened to a launch config or to what it brought up, on the stream of all launches (<see cref="LaunchStreams"/>).</summary>
[GenerateSerializer, Immutable, Alias("oi.LaunchEvent")]
public sealed record LaunchEvent
{
    /// <summary>One of <see cref="LaunchEventTypes"/>.</summary>
    [Id(0)] public required string Type { get; init; }

    [Id(1)] public required DateTimeOffset At { get; init; }

    [Id(2)] public required string ChuteId { get; init; }

    [Id(3)] public Guid? ConfigId { get; init; }

    [Id(4)] public Guid? InstanceId { get; init; }

    [Id(5)] public required string MinerHotkey { get; init; }

    /// <summary>Why, for people; null when there is nothing to say.</summary>
    [Id(6)] public string? Message { get; init; }

    /// <summary>The uuids of the instance's GPUs.</summary>
    [Id(7)] public ImmutableArray<string> Gpus { get => field.IsDefault ? [] : field; init; }

    /// <summary>The name of the first of them.</summary>
    [Id(8)] public string? GpuName { get; init; }
}

/// <summary>The names of launch events; those of instances have the same where an instance has them too.</summary>
public static class LaunchEventTypes
{
    public const string Issued = "issued";

    /// <summary>There is an instance; without a config too.</summary>
    public const string Claimed = "claimed";

    public const string Verified = "verified";

    public const string Activated = "activated";

    public const string Failed = "failed";

    public const string Expired = "expired";

    /// <summary>The instance is gone, for whatever reason.</summary>
    public const string Deleted = "deleted";
}

/// <summary>Where launch events are published: each once, after it was stored; lost with a silo, as all that is on streams.</summary>
public static class LaunchStreams
{
    public const string Provider = "output";

    public const string Namespace = "oi.launches";

    public static readonly Guid Key = Guid.Empty;
}
