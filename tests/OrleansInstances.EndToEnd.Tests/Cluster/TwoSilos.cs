namespace OrleansInstances.EndToEnd.Tests.Cluster;

/// <summary>A cluster of two for the tests of a class, started by the first that needs it.</summary>
public sealed class TwoSilos : IAsyncLifetime
{
    private Task<RunningCluster>? _cluster;

    internal Task<RunningCluster> StartedAsync() => _cluster ??= RunningCluster.StartAsync(2);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_cluster is { IsCompletedSuccessfully: true } cluster)
        {
            await cluster.Result.DisposeAsync();
        }
    }
}
