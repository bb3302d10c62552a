using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime.Hosting;
using OrleansInstances.EmbeddedEngine.State;

namespace Orleans.Hosting;

/// <summary>Registers states in a relational database.</summary>
public static class AdoNetGrainStorageSiloBuilderExtensions
{
    public static ISiloBuilder AddAdoNetGrainStorage(this ISiloBuilder builder, string name, Action<OptionsBuilder<AdoNetGrainStorageOptions>>? configureOptions = null) =>
        builder.ConfigureServices(services =>
        {
            configureOptions?.Invoke(services.AddOptions<AdoNetGrainStorageOptions>(name));
            services.AddGrainStorage(name, (provider, key) => AdoNetGrainStorage.Create(
                provider.GetRequiredService<IOptionsMonitor<AdoNetGrainStorageOptions>>().Get(key),
                provider.GetRequiredService<IOptions<ClusterOptions>>().Value.ServiceId));
        });

    public static ISiloBuilder AddAdoNetGrainStorage(this ISiloBuilder builder, string name, Action<AdoNetGrainStorageOptions> configureOptions) =>
        builder.AddAdoNetGrainStorage(name, options => options.Configure(configureOptions));
}
