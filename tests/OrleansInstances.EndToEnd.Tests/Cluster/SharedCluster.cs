using OrleansInstances.Hosting;
using OrleansInstances.Testing;

namespace OrleansInstances.EndToEnd.Tests.Cluster;

/// <summary>Three silos and a PostgreSQL for all tests that leave them as they found them.</summary>
[CollectionDefinition(Name)]
public sealed class SharedCluster : ICollectionFixture<SharedCluster>, IAsyncLifetime
{
    public const string Name = "cluster";

    internal RunningCluster Cluster { get; private set; } = null!;

    internal PostgresServer Postgres { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        if (EngineName.SpansMachines)
        {
            Postgres = await PostgresServer.StartNewAsync();
            Cluster = await RunningCluster.StartAsync(3, Postgres);
        }
    }

    public async Task DisposeAsync()
    {
        if (EngineName.SpansMachines)
        {
            await Cluster.DisposeAsync();
            await Postgres.DisposeAsync();
        }
    }
}
