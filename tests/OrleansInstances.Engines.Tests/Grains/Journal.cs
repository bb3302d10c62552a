using System.Collections.Concurrent;

namespace OrleansInstances.Engines.Tests.Grains;

/// <summary>What happened to grains, kept outside of them, by key.</summary>
public static class Journal
{
    private static readonly ConcurrentDictionary<string, ConcurrentQueue<string>> Entries = new();
    private static readonly ConcurrentDictionary<string, TaskCompletionSource> Releases = new();

    public static void Note(string key, string entry) => Entries.GetOrAdd(key, _ => new()).Enqueue(entry);

    public static string[] Of(string key) => Entries.TryGetValue(key, out var entries) ? [.. entries] : [];

    public static TaskCompletionSource ReleaseOf(string key) => Releases.GetOrAdd(key, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}
