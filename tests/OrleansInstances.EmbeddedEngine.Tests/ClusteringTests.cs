using Microsoft.Extensions.Hosting;
using Orleans.Hosting;
using Orleans.Runtime;

namespace OrleansInstances.EmbeddedEngine.Tests;

public sealed class ClusteringTests
{
    public static TheoryData<Action<IHostApplicationBuilder>> Clusters =>
    [
        host => host.UseOrleans(silo => silo.UseDevelopmentClustering(primarySiloEndpoint: null)),
        host => host.UseOrleans(silo => silo.UseAdoNetClustering(options => options.Invariant = "Npgsql")),
        host => host.UseOrleansClient(client => client.UseAdoNetClustering(options => options.Invariant = "Npgsql")),
    ];

    [Theory]
    [MemberData(nameof(Clusters))]
    public void A_cluster_of_several_machines_is_refused_with_what_to_do_instead(Action<IHostApplicationBuilder> join)
    {
        var error = Assert.Throws<OrleansConfigurationException>(() => join(Host.CreateApplicationBuilder()));

        Assert.Contains("-p:Engine=Orleans", error.Message);
    }
}
