using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Runtime.Hosting;
using Orleans.Runtime.Placement;
using OrleansInstances.Grains.Instances;
using OrleansInstances.Grains.Nodes;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;
using OrleansInstances.Testing;

namespace OrleansInstances.Grains.Tests.Cluster;

/// <summary>One silo of whichever engine the build has, with storage and a node that tests can hold, break and inspect.</summary>
public sealed class GrainHost : IAsyncLifetime
{
    /// <summary>A node that has no silo; every other one's is here.</summary>
    public const string UnreachableNode = "gone";

    private readonly IHost _host;

    public GrainHost()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(FreePort.Find(), FreePort.Find());
            silo.AddPlacementDirector<OnItsNode, OneSilo>();
        });
        builder.Services.AddGrainStorage(InstanceGrain.StorageName, (_, _) => Storage);
        builder.Services.AddSingleton<INodeRuntime>(Node);
        builder.Services.AddSingleton<INodeDirectory>(Node);
        builder.Services.AddSingleton<IInstanceNumbers, CountingNumbers>();
        builder.Services.AddSingleton<IInstanceCatalogWriter>(Catalog);
        builder.Services.AddSingleton(TimeProvider.System);
        _host = builder.Build();
    }

    internal HeldStorage Storage { get; } = new();

    internal ScriptedNode Node { get; } = new();

    internal RecordingCatalog Catalog { get; } = new();

    internal IInstanceGrain Instance(Guid id) => _host.Services.GetRequiredService<IGrainFactory>().GetGrain<IInstanceGrain>(id);

    public Task InitializeAsync() => _host.StartAsync();

    public async Task DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private sealed class OneSilo : IPlacementDirector
    {
        public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context) =>
            target.GrainIdentity.Key.ToString() == UnreachableNode ? throw new NodeUnreachableException(UnreachableNode) : Task.FromResult(context.LocalSilo);
    }

    private sealed class CountingNumbers : IInstanceNumbers
    {
        private int _last;

        public Task<int> AllocateAsync(Guid instanceId) => Task.FromResult(Interlocked.Increment(ref _last));
    }
}
