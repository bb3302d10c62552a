using Microsoft.Extensions.DependencyInjection;
using OrleansInstances.Grains.Nodes;
using OrleansInstances.Hosting.Instances;
using OrleansInstances.Storage.Nodes;

namespace OrleansInstances.Hosting.Nodes;

/// <summary>What a silo does about nodes, over storage and a runtime that come from elsewhere.</summary>
internal static class NodeHosting
{
    /// <summary>In the order in which they start: the membership of the node here, if there is one, the watch over the others, the sweeper, the draining.</summary>
    public static IServiceCollection AddNodes(this IServiceCollection services, bool isNode)
    {
        if (isNode)
        {
            services.AddSingleton<LocalNode>();
            services.AddHostedService<NodeMembership>();
        }

        services.AddSingleton(provider => new NodeDirectory(
            provider.GetRequiredService<INodeTable>(), provider.GetService<LocalNode>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<INodeDirectory>(provider => provider.GetRequiredService<NodeDirectory>());
        services.AddSingleton<FenceWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<FenceWatch>());
        services.AddHostedService<InstanceSweeper>();
        if (isNode)
        {
            services.AddHostedService<NodeDrain>();
        }

        return services;
    }
}
