using OrleansInstances.Instances;

namespace OrleansInstances.Storage.Instances;

/// <param name="Instances">The part asked for.</param>
/// <param name="Total">How many match in all, at the same moment.</param>
public sealed record InstancePage(IReadOnlyList<InstanceSnapshot> Instances, int Total);
