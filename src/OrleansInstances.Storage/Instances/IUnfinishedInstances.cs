using System.Collections.Immutable;
using OrleansInstances.Instances;

namespace OrleansInstances.Storage.Instances;

/// <summary>What a sweeper has to look at: instances whose stored state asks for more work, or whose catalog row lags behind it.</summary>
public interface IUnfinishedInstances
{
    /// <summary>
    /// Ids of instances that are busy, due, in one of the query's statuses, or whose catalog row is missing or older than
    /// their state; ascending by bytes. The next page is the same query after the last id of this one.
    /// </summary>
    Task<IReadOnlyList<Guid>> FindAsync(UnfinishedQuery query, CancellationToken cancellationToken);
}

/// <param name="Statuses">Statuses that need a look whatever else holds, but for deleted instances that are due later; empty for none.</param>
/// <param name="Now">Instances due at or before this time are due.</param>
/// <param name="Limit">At most this many.</param>
/// <param name="After">Only ids above this one; null is from the start.</param>
public sealed record UnfinishedQuery(
    ImmutableHashSet<InstanceStatus> Statuses,
    DateTimeOffset Now,
    int Limit,
    Guid? After = null);
