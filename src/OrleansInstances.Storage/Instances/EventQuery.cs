using System.Collections.Immutable;
using OrleansInstances.Instances;

namespace OrleansInstances.Storage.Instances;

/// <summary>Which events to list. What is null or empty does not restrict, unless told otherwise; all that is given must match.</summary>
public sealed record EventQuery
{
    /// <summary>Of any of these; null does not restrict, an empty set matches nothing.</summary>
    public ImmutableHashSet<Guid>? Instances { get; init; }

    /// <summary>Any of <see cref="InstanceEventTypes"/>; null does not restrict, an empty set matches nothing.</summary>
    public ImmutableHashSet<string>? Types { get; init; }

    /// <summary>Whose instances.</summary>
    public string? Owner { get; init; }

    /// <summary>Of instances that are there and have all of these.</summary>
    public ImmutableDictionary<string, string> Labels { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>At or after this time.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Before this time.</summary>
    public DateTimeOffset? Until { get; init; }
}
