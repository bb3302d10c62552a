using System.Collections.Immutable;
using OrleansInstances.Grains.Launches;
using OrleansInstances.Launches;

namespace OrleansInstances.Storage.Chutes;

/// <summary>The rows that a question is about, as far as they are known.</summary>
internal sealed record LaunchKeys(string? ChuteId, string? JobId, string? Hotkey, ImmutableArray<string> Gpus)
{
    public static Guid? InstanceOf(LaunchQuestion question, LaunchConfigSnapshot? config) => question.InstanceId ?? config?.InstanceId;

    public static LaunchKeys Of(LaunchQuestion question, LaunchConfigSnapshot? config, ChuteInstanceSnapshot? instance) => new(
        question.ChuteId ?? config?.ChuteId ?? instance?.ChuteId,
        question.JobId ?? config?.JobId ?? instance?.JobId,
        question.Hotkey ?? config?.MinerHotkey ?? instance?.MinerHotkey,
        question.Gpus.IsEmpty ? instance?.Gpus ?? [] : [.. question.Gpus.Distinct(StringComparer.Ordinal)]);

    /// <summary>Hosts are the same in whatever case they are written.</summary>
    public static string Address(string host) => host.ToLowerInvariant();
}
