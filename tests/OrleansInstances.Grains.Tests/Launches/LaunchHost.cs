using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Runtime.Placement;
using OrleansInstances.Grains.Instances;
using OrleansInstances.Grains.Launches;
using OrleansInstances.Grains.Nodes;
using OrleansInstances.Grains.Tests.Cluster;
using OrleansInstances.Grains.Tests.Instances;
using OrleansInstances.Instances;
using OrleansInstances.Launches;
using OrleansInstances.Storage.Chutes;
using OrleansInstances.Storage.Instances;
using OrleansInstances.Storage.Sqlite;
using OrleansInstances.Testing;

namespace OrleansInstances.Grains.Tests.Launches;

/// <summary>One silo of whichever engine the build has, on the real embedded database, with a node that tests inspect, a clock that they put forward, and no sweep.</summary>
public sealed class LaunchHost : IAsyncLifetime
{
    public const string Host = "gpu.example";

    private readonly string _folder = Directory.CreateTempSubdirectory("oi-launches-").FullName;
    private readonly IHost _host;
    private int _lastPort = 20_000;

    public LaunchHost()
    {
        Node.Nodes = [Given.NodeNamed(Given.Node, driver: Drivers.Remote)];
        var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<TimeProvider>(Time);
        builder.Services.AddSqliteStorage(options => options.DataFolder = _folder);
        var real = builder.Services.Single(service => service.ServiceType == typeof(ILaunchStore));
        builder.Services.Remove(real);
        builder.Services.AddSingleton(services => new HeldLaunchStore((ILaunchStore)ActivatorUtilities.CreateInstance(services, real.ImplementationType!)));
        builder.Services.AddSingleton<ILaunchStore>(services => services.GetRequiredService<HeldLaunchStore>());
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(FreePort.Find(), FreePort.Find());
            silo.AddPlacementDirector<OnItsNode, Here>();
            silo.AddSqliteGrainStorage(InstanceGrain.StorageName);
        });
        builder.Services.AddSingleton<INodeRuntime>(Node);
        builder.Services.AddSingleton<INodeDirectory>(Node);
        builder.Services.AddSingleton<ILaunchEvents>(Events);
        _host = builder.Build();
    }

    internal ScriptedNode Node { get; } = new();

    internal HeldLaunchStore Store => _host.Services.GetRequiredService<HeldLaunchStore>();

    internal RecordedEvents Events { get; } = new();

    internal ShiftedTime Time { get; } = new();

    private IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    private IChuteInventory Inventory => _host.Services.GetRequiredService<IChuteInventory>();

    public Task InitializeAsync() => _host.StartAsync();

    public async Task DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    internal ILaunchConfigGrain Config(Guid id) => Grains.GetGrain<ILaunchConfigGrain>(id);

    internal IChuteInstanceGrain ChuteInstance(Guid id) => Grains.GetGrain<IChuteInstanceGrain>(id);

    internal IInstanceGrain Instance(Guid id) => Grains.GetGrain<IInstanceGrain>(id);

    /// <summary>The log of an instance, but for what every instance goes through.</summary>
    internal async Task<IReadOnlyList<string>> LoggedAsync(Guid id)
    {
        var events = await _host.Services.GetRequiredService<IInstanceEvents>().ListAsync(id, new EventQuery(), 0, 100, default);
        return [.. events.Select(happened => happened.Type).Where(type => type is not ("created" or "scheduled" or "starting" or "stopping" or "exited" or "stopped"))];
    }

    /// <summary>A chute, and a miner with GPUs for it, that no other test has.</summary>
    internal async Task<World> NewWorldAsync(int gpus = 1, int perInstance = 1, int? target = 100, string protocol = "0.3.1")
    {
        var name = Guid.NewGuid().ToString("N");
        var world = new World(name, [.. Enumerable.Range(0, gpus).Select(number => $"{name}-{number}")]);
        var missing = await Inventory.SaveAsync(
            new ChuteInventory
            {
                Miners = [new ChuteMiner(name, "cold", 7)],
                Chutes = [new Chute { ChuteId = name, Name = "a chute", Version = "1", ChutesVersion = protocol, TargetCount = target, NodeSelector = new NodeSelector(perInstance) }],
                Gpus = [.. world.Gpus.Select(uuid => new ChuteGpu { Uuid = uuid, MinerHotkey = name, Gpu = "h100", Name = "NVIDIA H100", Memory = 1, VerificationHost = Host, Verified = true })],
                Jobs = [new ChuteJob { JobId = name, ChuteId = name, Method = "train" }],
            },
            default);
        Assert.Null(missing);
        return world;
    }

    internal async Task<Guid> IssueAsync(World world, bool forJob = false)
    {
        var id = Guid.NewGuid();
        var reply = await Config(id).IssueAsync(new LaunchRequest(world.Name, forJob ? world.Name : null, world.Name));
        Assert.Null(reply.Refusal);
        return id;
    }

    internal LaunchClaim ClaimOf(params string[] gpus) => new()
    {
        Gpus = [.. gpus],
        Host = Host,
        Ports = [new PortMapping(8000, Interlocked.Increment(ref _lastPort), "tcp")],
        CallerAddress = Host,
    };

    internal Task<LaunchReply> ClaimAsync(Guid config, params string[] gpus) => Config(config).ClaimAsync(ClaimOf(gpus), new ClaimChallenge(gpus[0], 42, "00112233445566778899aabbccddeeff"));

    /// <summary>A config that has brought up its instance.</summary>
    internal async Task<(Guid Config, Guid Instance)> ClaimedAsync(World world)
    {
        var config = await IssueAsync(world);
        var reply = await ClaimAsync(config, world.Gpus[0]);
        Assert.Null(reply.Refusal);
        return (config, reply.Instance!.InstanceId);
    }

    /// <param name="Name">Of chute, miner and job.</param>
    internal sealed record World(string Name, IReadOnlyList<string> Gpus);

    internal sealed class RecordedEvents : ILaunchEvents
    {
        private readonly ConcurrentQueue<LaunchEvent> _all = new();

        public IReadOnlyList<string> Of(Guid configOrInstance) =>
            [.. _all.Where(happened => happened.ConfigId == configOrInstance || happened.InstanceId == configOrInstance).Select(happened => happened.Type)];

        public Task PublishAsync(LaunchEvent launchEvent)
        {
            _all.Enqueue(launchEvent);
            return Task.CompletedTask;
        }
    }

    internal sealed class ShiftedTime : TimeProvider
    {
        private long _shift;

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref _shift));

        public void Advance(TimeSpan by) => Interlocked.Add(ref _shift, by.Ticks);
    }

    private sealed class Here : IPlacementDirector
    {
        public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context) => Task.FromResult(context.LocalSilo);
    }
}
