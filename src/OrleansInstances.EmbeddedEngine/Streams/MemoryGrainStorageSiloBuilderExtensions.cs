using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Hosting;

/// <summary>States that need not outlive the silo.</summary>
public static class MemoryGrainStorageSiloBuilderExtensions
{
    /// <summary>For the subscriptions of streams, which this engine keeps without it. Grains find no states there.</summary>
    public static ISiloBuilder AddMemoryGrainStorage(this ISiloBuilder builder, string name, Action<OptionsBuilder<MemoryGrainStorageOptions>>? configureOptions = null) =>
        name == "PubSubStore" && configureOptions is null
            ? builder
            : throw new NotSupportedException("The embedded engine has memory storage for the subscriptions of streams only.");
}
