using System.Collections.Immutable;
using OrleansInstances.Instances;

namespace OrleansInstances.Storage.Instances;

/// <summary>Which instances to list. What is null or empty does not restrict; all that is given must match.</summary>
public sealed record CatalogQuery
{
    /// <summary>Any of these.</summary>
    public ImmutableHashSet<InstanceStatus> Statuses { get; init; } = [];

    /// <summary>The region asked for in the spec.</summary>
    public string? Region { get; init; }

    /// <summary>The node that runs it or ran it last.</summary>
    public string? Node { get; init; }

    public string? Driver { get; init; }

    public string? Owner { get; init; }

    /// <summary>The whole name, exactly.</summary>
    public string? Name { get; init; }

    /// <summary>All of these, key and value.</summary>
    public ImmutableDictionary<string, string> Labels { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Any of these; null does not restrict, an empty set matches nothing.</summary>
    public ImmutableHashSet<Guid>? Ids { get; init; }

    /// <summary>Of running instances only those whose checks fail, or only the others; null does not restrict.</summary>
    public bool? Unhealthy { get; init; }

    public string? AppId { get; init; }

    public string? ServiceId { get; init; }

    public string? DeploymentId { get; init; }

    public string? RegionalDeploymentId { get; init; }

    public string? AllocationId { get; init; }

    /// <summary>One that was never said is 0.</summary>
    public int? ReplicaIndex { get; init; }

    public CatalogPeriod? Period { get; init; }

    /// <summary>At most this many; null is all.</summary>
    public int? Limit { get; init; }

    /// <summary>Only numbers above this one.</summary>
    public int After { get; init; }
}
