using OrleansInstances.Testing;

namespace OrleansInstances.EndToEnd.Tests.Cluster;

/// <summary>Silos as processes of their own on one PostgreSQL server, each with a node; leases and probes are short.</summary>
internal sealed class RunningCluster : IAsyncDisposable
{
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(4);
    public static readonly TimeSpan Margin = TimeSpan.FromSeconds(1);

    /// <summary>Of a node's last sign of life: its being noticed, within a third of a lease, and the wait.</summary>
    public static readonly TimeSpan LongestFence = (Lease * (7.0 / 3)) + Margin;

    private RunningCluster(IReadOnlyList<RunningSilo> silos) => Silos = silos;

    public IReadOnlyList<RunningSilo> Silos { get; }

    public static async Task<RunningCluster> StartAsync(int silos)
    {
        var database = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        var cluster = new RunningCluster([.. Enumerable.Range(1, silos).Select(number => NewSilo(number, database))]);
        try
        {
            await Task.WhenAll(cluster.Silos.Select(silo => silo.StartAsync()));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>The name of a silo's node.</summary>
    public static string NodeOf(RunningSilo silo) => silo.Settings["OI_NODE"];

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in Silos)
        {
            await silo.DisposeAsync();
        }
    }

    private static RunningSilo NewSilo(int number, string database) => new()
    {
        Settings =
        {
            [RunningSilo.Database] = database,
            ["OI_NODE"] = $"node-{number}",
            ["OI_LEASE_SECONDS"] = $"{Lease.TotalSeconds}",
            ["OI_FENCE_MARGIN_SECONDS"] = $"{Margin.TotalSeconds}",
            ["OI_PROBE_SECONDS"] = "0.5",
            ["OI_MISSED_PROBES"] = "2",
        },
    };
}
