using Orleans.Hosting;
using OrleansInstances.EmbeddedEngine.Clustering;

namespace Microsoft.Extensions.Hosting;

/// <summary>Makes a host a client of a cluster elsewhere. This engine refuses it.</summary>
public static class OrleansClientGenericHostExtensions
{
    /// <exception cref="Orleans.Runtime.OrleansConfigurationException">Always.</exception>
    public static IHostApplicationBuilder UseOrleansClient(this IHostApplicationBuilder hostAppBuilder, Action<IClientBuilder> configureDelegate) => throw NoCluster.Error();
}
