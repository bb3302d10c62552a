using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Runtime.Hosting;
using OrleansInstances.Engines.Tests.Grains;
using OrleansInstances.Testing;

namespace OrleansInstances.Engines.Tests;

/// <summary>A silo on whichever engine the tests were built for.</summary>
public sealed class TestSilo : IAsyncLifetime, IAsyncDisposable
{
    private readonly IHost _host;

    public TestSilo()
        : this(_ => { })
    {
    }

    private TestSilo(Action<ISiloBuilder> configure)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(FreePort.Find(), FreePort.Find());
            silo.Services.AddSingleton<DictionaryStorage>();
            silo.Services.AddGrainStorage(DictionaryStorage.Name, (services, _) => services.GetRequiredService<DictionaryStorage>());
            silo.AddPlacementDirector<ScriptedStrategy, ScriptedPlacement>();
            configure(silo);
        });
        _host = builder.Build();
    }

    public IServiceProvider Services => _host.Services;

    public IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    public DictionaryStorage Storage => _host.Services.GetRequiredService<DictionaryStorage>();

    public static async Task<TestSilo> StartAsync(Action<ISiloBuilder> configure)
    {
        var silo = new TestSilo(configure);
        await silo.InitializeAsync();
        return silo;
    }

    public Task InitializeAsync() => _host.StartAsync();

    public Task StopAsync() => _host.StopAsync();

    public async Task DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    async ValueTask IAsyncDisposable.DisposeAsync() => await DisposeAsync();
}

/// <summary>The tests that share one silo.</summary>
[CollectionDefinition(Name)]
public sealed class SharedSilo : ICollectionFixture<TestSilo>
{
    public const string Name = "silo";
}
