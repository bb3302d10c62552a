using System.Diagnostics;

namespace OrleansInstances.EndToEnd.Tests.Cluster;

/// <summary>Counts the copies of instances all the time, in the processes themselves.</summary>
internal sealed class CopyCount : IAsyncDisposable
{
    /// <summary>
    /// The least between two looks, which take up to a quarter of one processor; what is to be seen takes longer than that to end.
    /// </summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _end = new();
    private readonly HashSet<string> _second = [];
    private readonly Task _counting;

    public CopyCount(IEnumerable<string> instances) => _counting = CountAsync([.. instances]);

    public int Looks { get; private set; }

    /// <summary>Ends the count: no instance was ever seen to run twice.</summary>
    public async Task AssertNoSecondAsync()
    {
        await DisposeAsync();
        Assert.Empty(_second);
        Assert.True(Looks > 10, $"Only {Looks} looks.");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_end.IsCancellationRequested)
        {
            await _end.CancelAsync();
            await _counting;
        }
    }

    private async Task CountAsync(HashSet<string> instances)
    {
        await Task.Yield();
        while (!_end.IsCancellationRequested)
        {
            var look = Stopwatch.StartNew();
            foreach (var (instance, sessions) in ProcessTable.Copies().Where(copies => copies.Value.Count > 1 && instances.Contains(copies.Key)))
            {
                _second.Add($"{instance}: {string.Join(", ", sessions)}");
            }

            Looks++;
            var rest = 3 * look.Elapsed;
            await Task.Delay(rest > Pause ? rest : Pause, CancellationToken.None);
        }
    }
}
