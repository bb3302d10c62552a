using System.Collections.Frozen;
using System.Collections.Immutable;
using OrleansInstances.Instances;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Gateway.Dialects.Koyeb;

/// <summary>Koyeb's words for where an instance stands.</summary>
internal static class KoyebStatus
{
    private const string Healthy = "HEALTHY";
    private const string Unhealthy = "UNHEALTHY";

    /// <summary>All of them, in the order of koyeb's document.</summary>
    public static readonly ImmutableArray<string> Words =
        ["ALLOCATING", "STARTING", Healthy, Unhealthy, "STOPPING", "STOPPED", "ERROR", "SLEEPING"];

    /// <summary>What is behind a word, whatever its health.</summary>
    private static readonly FrozenDictionary<string, ImmutableHashSet<InstanceStatus>> Statuses = Enum.GetValues<InstanceStatus>()
        .Where(status => status != InstanceStatus.Deleted)
        .SelectMany(status => new[] { (Word: Of(status, InstanceHealth.Healthy), Status: status), (Word: Of(status, InstanceHealth.Unhealthy), Status: status) })
        .GroupBy(pair => pair.Word, pair => pair.Status)
        .ToFrozenDictionary(word => word.Key, word => word.ToImmutableHashSet());

    public static string Of(InstanceSnapshot instance) => Of(instance.Status, instance.Health);

    /// <summary>The query with those that any of the words stands for; null when one is no word.</summary>
    public static CatalogQuery? Restrict(CatalogQuery query, IReadOnlyCollection<string> words) =>
        !words.All(Statuses.ContainsKey) ? null
            : words.Count == 0 ? query
            : query with
            {
                Statuses = [.. words.SelectMany(word => Statuses[word])],
                Unhealthy = (words.Contains(Healthy), words.Contains(Unhealthy)) switch
                {
                    (true, false) => false,
                    (false, true) => true,
                    _ => null,
                },
            };

    private static string Of(InstanceStatus status, InstanceHealth health) => status switch
    {
        InstanceStatus.Pending => "ALLOCATING",
        InstanceStatus.Starting => "STARTING",
        InstanceStatus.Running => health == InstanceHealth.Unhealthy ? Unhealthy : Healthy,
        InstanceStatus.Pausing or InstanceStatus.Paused => "SLEEPING",
        InstanceStatus.Stopping => "STOPPING",
        InstanceStatus.Stopped or InstanceStatus.Deleted => "STOPPED",
        InstanceStatus.Failed => "ERROR",
        InstanceStatus.Backoff or InstanceStatus.Lost => Unhealthy,
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "No word for this status."),
    };
}
