using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace OrleansInstances.Engines.Tests;

/// <summary>The names under which a silo keeps its states.</summary>
[Collection(AfterTheOthers.Name)]
public sealed class ClusterNameTests
{
    [Fact]
    public async Task A_local_cluster_without_names_has_those_that_are_configured()
    {
        await using var silo = await TestSilo.StartAsync(builder => builder.Configure<ClusterOptions>(options => options.ServiceId = "games"));

        Assert.Equal(("default", "games"), NamesOf(silo));
    }

    [Fact]
    public async Task A_local_cluster_without_any_name_is_called_default()
    {
        await using var silo = await TestSilo.StartAsync(_ => { });

        Assert.Equal(("default", "default"), NamesOf(silo));
    }

    private static (string, string) NamesOf(TestSilo silo)
    {
        var names = silo.Services.GetRequiredService<IOptions<ClusterOptions>>().Value;
        return (names.ClusterId, names.ServiceId);
    }
}
