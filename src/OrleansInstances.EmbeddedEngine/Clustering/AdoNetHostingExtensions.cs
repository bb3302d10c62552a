using Orleans.Configuration;
using OrleansInstances.EmbeddedEngine.Clustering;

namespace Orleans.Hosting;

/// <summary>Clusters that meet in a database. This engine refuses them.</summary>
public static class AdoNetHostingExtensions
{
    /// <exception cref="Runtime.OrleansConfigurationException">Always.</exception>
    public static ISiloBuilder UseAdoNetClustering(this ISiloBuilder builder, Action<AdoNetClusteringSiloOptions> configureOptions) => throw NoCluster.Error();

    /// <exception cref="Runtime.OrleansConfigurationException">Always.</exception>
    public static IClientBuilder UseAdoNetClustering(this IClientBuilder builder, Action<AdoNetClusteringClientOptions> configureOptions) => throw NoCluster.Error();
}
