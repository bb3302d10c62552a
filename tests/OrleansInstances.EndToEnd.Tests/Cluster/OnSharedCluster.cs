namespace OrleansInstances.EndToEnd.Tests.Cluster;

/// <summary>A test that removes whatever it has made on the shared cluster, also when it fails.</summary>
public abstract class OnSharedCluster(SharedCluster shared) : IAsyncLifetime
{
    private protected RunningCluster Cluster => shared.Cluster;

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => Cluster is null ? Task.CompletedTask : Cluster.CleanAsync();
}
