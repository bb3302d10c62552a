namespace OrleansInstances.Bench.Processes;

/// <summary>Private memory of a process in KiB, once it stays the same.</summary>
internal static class SettledMemory
{
    /// <summary>The runtime gives free regions back once that many collections have found no use for them, and a few more.</summary>
    private const int Collections = 25;

    private const int SameInARow = 4;
    private const int MaxLooks = 60;

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(500);

    public static async Task<double> AfterCollectionsAsync(int pid, CancellationToken cancel)
    {
        for (var i = 0; i < Collections; i++)
        {
            await GarbageCollection.RunInAsync(pid, cancel);
        }

        return await AsItIsAsync(pid, cancel);
    }

    public static async Task<double> AsItIsAsync(int pid, CancellationToken cancel)
    {
        var (last, same) = (double.MaxValue, 0);
        for (var look = 0; look < MaxLooks && same < SameInARow; look++)
        {
            await Task.Delay(Pace, cancel);
            var now = ProcessFigures.PrivateKibiBytes(pid);
            same = Math.Abs(now - last) < last / 500 ? same + 1 : 0;
            last = now;
        }

        return last;
    }
}
