namespace OrleansInstances.Storage.Instances;

/// <summary>
/// Only instances that were there at some time in it. An instance is there from its first start, or its creation when it
/// never started, to when it came to rest.
/// </summary>
/// <param name="From">Null is from the beginning.</param>
/// <param name="To">Null is without end.</param>
/// <param name="Now">Up to when instances are there that have not come to rest.</param>
public sealed record CatalogPeriod(DateTimeOffset? From, DateTimeOffset? To, DateTimeOffset Now);
