using System.Collections.Concurrent;
using OrleansInstances.Bench.Processes;

namespace OrleansInstances.Bench.Measurements;

/// <summary>Many running instances of cat.</summary>
internal static class Fleet
{
    public const int Concurrency = 16;

    public static IReadOnlyList<string> Child { get; } = ["/bin/cat"];

    /// <summary>Creates them and waits until no start is under way. Cat neither fails nor ends by itself, so all run then.</summary>
    /// <returns>Their uuids.</returns>
    public static async Task<IReadOnlyList<string>> StartAsync(InstancesApi api, int size, CancellationToken cancel)
    {
        var ids = new ConcurrentQueue<string>();
        await ForEachAsync(Enumerable.Range(0, size), async _ => ids.Enqueue(await api.CreateAsync(Child, start: true, cancel)), cancel);
        await api.WaitUntilNoneStartsAsync(cancel);
        return [.. ids];
    }

    public static Task DeleteAsync(InstancesApi api, IEnumerable<string> ids, CancellationToken cancel) =>
        ForEachAsync(ids, id => api.DeleteAsync(id, cancel), cancel);

    private static Task ForEachAsync<T>(IEnumerable<T> items, Func<T, Task> body, CancellationToken cancel) => Parallel.ForEachAsync(
        items,
        new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancel },
        async (item, _) => await body(item));
}
