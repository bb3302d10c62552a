using System.Net;
using Orleans.Configuration;
using OrleansInstances.EmbeddedEngine.Clustering;

namespace Orleans.Hosting;

/// <summary>Clustering. One process is all that this engine can be.</summary>
public static class CoreHostingExtensions
{
    private const string Unnamed = "dev";

    /// <summary>A cluster of this process. The ports are not opened: nobody else is to come. Without names of its own it has those that are configured.</summary>
    public static ISiloBuilder UseLocalhostClustering(
        this ISiloBuilder builder,
        int siloPort = 11111,
        int gatewayPort = 30000,
        IPEndPoint? primarySiloEndpoint = null,
        string serviceId = Unnamed,
        string clusterId = Unnamed)
    {
        builder.ConfigureEndpoints(IPAddress.Loopback, siloPort, gatewayPort);
        return serviceId == Unnamed && clusterId == Unnamed
            ? builder
            : builder.Configure<ClusterOptions>(options =>
            {
                options.ServiceId = serviceId;
                options.ClusterId = clusterId;
            });
    }

    /// <exception cref="Runtime.OrleansConfigurationException">Always.</exception>
    public static ISiloBuilder UseDevelopmentClustering(this ISiloBuilder builder, IPEndPoint? primarySiloEndpoint) => throw NoCluster.Error();
}
