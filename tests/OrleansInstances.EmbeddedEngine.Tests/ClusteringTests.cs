using Microsoft.Extensions.Hosting;
using Orleans.Hosting;

namespace OrleansInstances.EmbeddedEngine.Tests;

public sealed class ClusteringTests
{
    [Fact]
    public void A_cluster_of_several_machines_is_refused_with_what_to_do_instead()
    {
        var host = Host.CreateApplicationBuilder();

        var error = Assert.Throws<NotSupportedException>(() => host.UseOrleans(silo => silo.UseDevelopmentClustering(primarySiloEndpoint: null)));

        Assert.Contains("-p:Engine=Orleans", error.Message);
    }
}
