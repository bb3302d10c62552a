using OrleansInstances.Instances;

namespace OrleansInstances.Storage.Instances;

/// <summary>All instances as last stored, for lists and look-ups that must not wake grains. Deleted instances are not in it.</summary>
public interface IInstanceCatalog
{
    /// <summary>The instances that match, by ascending number. The next page is the same query after the last number of this one.</summary>
    Task<IReadOnlyList<InstanceSnapshot>> ListAsync(CatalogQuery query, CancellationToken cancellationToken);

    /// <summary>A part of the instances that match, by creation and then id. The query's own limit and cursor don't matter.</summary>
    Task<InstancePage> PageAsync(CatalogQuery query, PageRequest page, CancellationToken cancellationToken);

    /// <summary>One instance; null when there is none or it is deleted.</summary>
    Task<InstanceSnapshot?> FindAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>The id behind an instance's number, also of a deleted one; null for a number that was never given.</summary>
    ValueTask<Guid?> FindIdAsync(int number, CancellationToken cancellationToken);

    /// <summary>How many instances match, by status; a status without any is absent. Limit and cursor don't matter.</summary>
    Task<IReadOnlyDictionary<InstanceStatus, int>> CountAsync(CatalogQuery query, CancellationToken cancellationToken);
}
