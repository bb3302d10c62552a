namespace OrleansInstances.EndToEnd.Tests.Cluster;

/// <summary>Counts the processes of instances all the time, in the processes themselves.</summary>
internal sealed class CopyCount : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly Task _counting;

    /// <param name="instances">Each is one process while it runs.</param>
    public CopyCount(IReadOnlyCollection<string> instances) => _counting = Task.Run(() => Count(instances));

    /// <summary>The most copies that one instance had at once.</summary>
    public int Most { get; private set; }

    public int Looks { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _counting;
        _end.Dispose();
    }

    private void Count(IReadOnlyCollection<string> instances)
    {
        while (!_end.IsCancellationRequested)
        {
            foreach (var instance in instances)
            {
                Most = Math.Max(Most, ProcessTable.OfInstance(instance).Count);
            }

            Looks++;
        }
    }
}
