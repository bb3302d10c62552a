using System.Collections.Frozen;
using System.Collections.Immutable;
using OrleansInstances.Instances;

namespace OrleansInstances.Gateway.Dialects.Starpod;

/// <summary>The words for where an instance stands. Starpod clients know five and fail on any other.</summary>
internal static class StarpodStatus
{
    private const string Creating = "creating";
    public const string Running = "running";
    private const string Paused = "paused";
    private const string Stopped = "stopped";
    private const string Error = "error";

    private static readonly FrozenDictionary<InstanceStatus, string> States =
        Enum.GetValues<InstanceStatus>().ToFrozenDictionary(status => status, status => status.ToString().ToLowerInvariant());

    /// <summary>The statuses behind a word of either vocabulary; starpod's meaning where both have it.</summary>
    private static readonly FrozenDictionary<string, ImmutableHashSet<InstanceStatus>> Words = States
        .Where(state => state.Key != InstanceStatus.Deleted)
        .SelectMany(state => new[] { (Word: state.Value, Status: state.Key), (Word: Of(state.Key), Status: state.Key) })
        .GroupBy(pair => pair.Word, pair => pair.Status)
        .ToFrozenDictionary(word => word.Key, word => word.ToImmutableHashSet());

    /// <summary>Starpod's word.</summary>
    public static string Of(InstanceStatus status) => status switch
    {
        InstanceStatus.Pending or InstanceStatus.Starting => Creating,
        InstanceStatus.Running or InstanceStatus.Stopping => Running,
        InstanceStatus.Pausing or InstanceStatus.Paused => Paused,
        InstanceStatus.Stopped or InstanceStatus.Deleted => Stopped,
        _ => Error,
    };

    /// <summary>Our own word, the same in every dialect.</summary>
    public static string StateOf(InstanceStatus status) => States[status];

    /// <summary>The statuses that a filter's word stands for; null when it is no word.</summary>
    public static ImmutableHashSet<InstanceStatus>? Read(string word) => Words.GetValueOrDefault(word);
}
