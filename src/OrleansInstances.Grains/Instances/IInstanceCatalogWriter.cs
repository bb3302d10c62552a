namespace OrleansInstances.Grains.Instances;

/// <summary>Brings stored state into the catalog and its outbox into the event log.</summary>
public interface IInstanceCatalogWriter
{
    /// <summary>
    /// Idempotent: a row of a lower version never replaces a higher one, an event is logged once by instance and
    /// sequence. Returns when both are durable, after which the grain may forget the outbox.
    /// </summary>
    Task PublishAsync(ICatalogedState state);
}
