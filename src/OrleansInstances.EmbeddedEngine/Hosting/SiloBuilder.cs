using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using OrleansInstances.EmbeddedEngine.Clustering;

namespace OrleansInstances.EmbeddedEngine.Hosting;

internal sealed class SiloBuilder(IServiceCollection services, IConfiguration configuration) : ISiloBuilder
{
    public IServiceCollection Services { get; } = services;

    public IConfiguration Configuration { get; } = configuration;

    /// <summary>Adds the engine, once a host however often it is asked.</summary>
    public void AddEngine()
    {
        if (Services.Any(x => x.ServiceType == typeof(Silo)))
        {
            return;
        }

        Services.AddLogging();
        Services.AddOptions();
        Services.TryAddSingleton(TimeProvider.System);
        Services.AddSingleton<ILocalSiloDetails, LocalSiloDetails>();
        Services.AddSingleton(x => new Silo(
            x,
            x.GetRequiredService<ILocalSiloDetails>(),
            x.GetRequiredService<TimeProvider>(),
            x.GetRequiredService<IOptions<SiloMessagingOptions>>(),
            x.GetRequiredService<IOptions<GrainCollectionOptions>>(),
            x.GetRequiredService<ILogger<Silo>>()));
        Services.AddSingleton<ClusterClient>();
        Services.AddSingleton<IClusterClient>(x => x.GetRequiredService<ClusterClient>());
        Services.AddSingleton<IGrainFactory>(x => x.GetRequiredService<ClusterClient>());
        Services.AddHostedService<SiloHost>();
    }
}
