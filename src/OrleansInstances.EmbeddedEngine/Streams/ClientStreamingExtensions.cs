using Microsoft.Extensions.DependencyInjection;
using Orleans.Streams;

namespace Orleans;

/// <summary>Streams from outside of grains.</summary>
public static class ClientStreamingExtensions
{
    /// <exception cref="KeyNotFoundException">There is no such provider.</exception>
    public static IStreamProvider GetStreamProvider(this IClusterClient client, string name) =>
        client.ServiceProvider.GetKeyedService<IStreamProvider>(name) ?? throw new KeyNotFoundException($"There is no stream provider '{name}'.");
}
