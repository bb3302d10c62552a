using OrleansInstances.Instances;

namespace OrleansInstances.Grains.Instances;

/// <summary>
/// Grain state that is also shown in the catalog. A store that keeps state and catalog in one database writes both, and
/// the outbox, in one transaction; another one is told by <see cref="IInstanceCatalogWriter"/> after the state is stored.
/// </summary>
public interface ICatalogedState
{
    /// <summary>The catalog's row; null before the instance is created.</summary>
    InstanceSnapshot? Snapshot { get; }

    /// <summary>Events that are stored with the state and may not be in the event log yet, ascending.</summary>
    IReadOnlyList<InstanceEvent> Outbox { get; }
}
