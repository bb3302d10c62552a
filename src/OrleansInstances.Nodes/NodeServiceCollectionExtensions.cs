using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OrleansInstances.Grains.Nodes;

namespace OrleansInstances.Nodes;

public static class NodeServiceCollectionExtensions
{
    /// <summary>
    /// Adds the node's runtime. The host calls <see cref="NodeRuntime.StartAsync(CancellationToken)"/> when it is time: reports reach grains
    /// from then on.
    /// </summary>
    public static IServiceCollection AddNodeRuntime(this IServiceCollection services, Action<NodeOptions> configure)
    {
        services.AddOptions<NodeOptions>().Configure(configure);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<NodeRuntime>();
        services.TryAddSingleton<INodeRuntime>(provider => provider.GetRequiredService<NodeRuntime>());
        services.TryAddSingleton<ILeasedRuntime>(provider => provider.GetRequiredService<NodeRuntime>());
        return services;
    }
}
