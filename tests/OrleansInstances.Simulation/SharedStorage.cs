using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using OrleansInstances.Grains.Instances;
using OrleansInstances.Storage.Instances;
using OrleansInstances.Storage.Nodes;
using OrleansInstances.Storage.Sqlite;

namespace OrleansInstances.Simulation;

/// <summary>The database that the silos share: SQLite, by the simulation's clock.</summary>
internal sealed class SharedStorage : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("simulation-").FullName;
    private readonly ServiceProvider _services;
    private readonly ConcurrentDictionary<string, string> _homes = new();

    public SharedStorage(TimeProvider time)
    {
        var builder = new Builder();
        builder.Services.AddLogging();
        builder.Services.AddSingleton(time);
        builder.Services.AddSqliteStorage(options => options.DataFolder = _folder);
        builder.AddSqliteGrainStorage(InstanceGrain.StorageName);
        _services = builder.Services.BuildServiceProvider();
    }

    public INodeTable Nodes => _services.GetRequiredService<INodeTable>();

    public IInstanceEvents Events => _services.GetRequiredService<IInstanceEvents>();

    /// <summary>The silo on which an instance's grain was last activated: it read the state.</summary>
    public string HomeOf(Guid instance) => _homes[instance.ToString("N")];

    /// <summary>Registers what a silo sees of it.</summary>
    public void AddTo(IServiceCollection silo, SiloLink link)
    {
        silo.AddKeyedSingleton(InstanceGrain.StorageName, link.ToStorage(States(link.Silo)));
        Add<INodeTable>();
        Add<IInstanceNumbers>();
        Add<IInstanceCatalogWriter>();
        Add<IUnfinishedInstances>();
        Add<IInstanceCatalog>();

        void Add<T>()
            where T : class =>
            silo.AddSingleton(link.ToStorage(_services.GetRequiredService<T>()));
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private IGrainStorage States(string silo)
    {
        var states = _services.GetRequiredKeyedService<IGrainStorage>(InstanceGrain.StorageName);
        return Intercepted.Create<IGrainStorage>((method, arguments) =>
        {
            if (method.Name == nameof(IGrainStorage.ReadStateAsync))
            {
                _homes[((GrainId)arguments[1]!).Key.ToString()!] = silo;
            }

            return Intercepted.CallAsync(states, method, arguments);
        });
    }

    private sealed class Builder : ISiloBuilder
    {
        public IServiceCollection Services { get; } = new ServiceCollection();

        public IConfiguration Configuration { get; } = new ConfigurationBuilder().Build();
    }
}
