using System.Collections.Immutable;
using System.Globalization;
using OrleansInstances.Instances;

namespace OrleansInstances.Storage.Instances;

/// <summary>Statuses in which nothing happens to an instance and nothing of it runs.</summary>
internal static class AtRest
{
    public static ImmutableHashSet<InstanceStatus> Statuses { get; } = [InstanceStatus.Stopped, InstanceStatus.Failed, InstanceStatus.Deleted];

    /// <summary>The condition of the index <c>instances_on_node</c>, word for word: only with it the index is used.</summary>
    public static string Not { get; } = string.Create(
        CultureInfo.InvariantCulture,
        $"status NOT IN ({string.Join(", ", Statuses.Select(status => (int)status).Order())})");
}
