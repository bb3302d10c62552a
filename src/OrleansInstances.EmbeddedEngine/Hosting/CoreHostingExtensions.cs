using System.Net;

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
        string clusterId = Unnamed) =>
        serviceId == Unnamed && clusterId == Unnamed
            ? builder
            : builder.Configure<Configuration.ClusterOptions>(options =>
            {
                options.ServiceId = serviceId;
                options.ClusterId = clusterId;
            });

    /// <exception cref="NotSupportedException">Always.</exception>
    public static ISiloBuilder UseDevelopmentClustering(this ISiloBuilder builder, IPEndPoint? primarySiloEndpoint) =>
        throw new NotSupportedException("The embedded engine is a single process and can't join a cluster. Build with -p:Engine=Orleans for one.");
}
