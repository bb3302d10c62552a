using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Streams;
using OrleansInstances.EmbeddedEngine.Streams;

namespace Orleans.Hosting;

/// <summary>Registers streams that live in memory.</summary>
public static class SiloBuilderMemoryStreamExtensions
{
    public static ISiloBuilder AddMemoryStreams(this ISiloBuilder builder, string name, Action<ISiloMemoryStreamConfigurator>? configure = null)
    {
        if (configure is not null)
        {
            throw new NotSupportedException("The embedded engine's streams have nothing to configure.");
        }

        builder.Services.AddKeyedSingleton<IStreamProvider>(name, (services, _) => new MemoryStreamProvider(services.GetRequiredService<ILogger<MemoryStreamProvider>>()));
        return builder;
    }
}

/// <summary>Not offered.</summary>
public interface ISiloMemoryStreamConfigurator;
