using System.Collections.Immutable;
using OrleansInstances.Instances;

namespace OrleansInstances.Storage.Instances;

/// <summary>What a sweeper has to look at: instances whose stored state asks for more work, or whose catalog row lags behind it.</summary>
public interface IUnfinishedInstances
{
    /// <summary>
    /// Ids of instances that are busy, due, in one of the query's statuses, or whose state was written and not published;
    /// ascending by bytes. The next page is the same query after the last id of this one. What it takes does not grow with
    /// the instances that it doesn't find.
    /// </summary>
    Task<IReadOnlyList<Guid>> FindAsync(UnfinishedQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// Ids of instances that are not at rest and whose node is one of these, ascending by bytes: what a node's change of
    /// standing may concern. At rest are stopped, failed and deleted ones. The next page comes after the last id of this one.
    /// </summary>
    /// <param name="nodes">Their names.</param>
    /// <param name="limit">At most this many.</param>
    /// <param name="after">Only ids above this one; null is from the start.</param>
    /// <param name="cancellationToken">Ends the wait for a turn; a read that began is finished.</param>
    Task<IReadOnlyList<Guid>> FindOnNodesAsync(
        IReadOnlyCollection<string> nodes, int limit, Guid? after, CancellationToken cancellationToken);

    /// <summary>
    /// Compares the catalog with so many states, ascending by the bytes of their ids: a row that was lost for another reason
    /// than an unfinished publishing is found by this alone.
    /// </summary>
    /// <param name="after">Only ids above this one; null is from the start.</param>
    /// <param name="states">How many to compare at most; above 0.</param>
    /// <param name="cancellationToken">Ends the wait for a turn; a read that began is finished.</param>
    Task<CatalogComparison> CompareAsync(Guid? after, int states, CancellationToken cancellationToken);
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
