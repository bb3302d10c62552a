using OrleansInstances.Instances;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using OrleansInstances.Grains.Nodes;
using OrleansInstances.Simulation.Engine;
using OrleansInstances.Simulation.Machines;

namespace OrleansInstances.Simulation;

/// <summary>Several silos in this process, on machines that are simulated, with storage that is real and a clock that stands still until it is told.</summary>
internal sealed class SimulatedCluster : IAsyncDisposable
{
    private readonly Network _network = new();
    private readonly SimulatedEngine _engine;
    private readonly Dictionary<string, SimulatedSilo> _silos = [];

    private SimulatedCluster()
    {
        _engine = new SimulatedEngine(_network);
        Storage = new SharedStorage(Time);
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public SharedStorage Storage { get; }

    public Processes Processes { get; } = new();

    /// <summary>The silo that runs on a machine now, or was the last to.</summary>
    public SimulatedSilo this[string machine] => _silos[machine];

    /// <summary>One silo on each machine.</summary>
    public static async Task<SimulatedCluster> StartAsync(params string[] machines)
    {
        var cluster = new SimulatedCluster();
        await cluster.StartAsync([.. machines.Select(name => new SimulatedMachine(name, cluster.Processes, cluster.Time))]);
        return cluster;
    }

    /// <summary>The silo that an instance's grain was last activated on.</summary>
    public SimulatedSilo HomeOf(Guid instance) => _silos[Storage.HomeOf(instance)];

    /// <summary>The others, as long as they live.</summary>
    public IReadOnlyList<SimulatedSilo> Others(SimulatedSilo silo) => [.. _silos.Values.Where(other => other != silo && !other.Link.IsDead)];

    /// <summary>Another silo on the machine, whose last one is gone.</summary>
    public Task RestartAsync(string machine) => StartAsync([_silos[machine].Machine]);

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        await Storage.DisposeAsync();
        Assert.Empty(Processes.SecondCopies);
    }

    private async Task StartAsync(IReadOnlyList<SimulatedMachine> machines)
    {
        var links = machines.Select(machine => new SiloLink(machine.Name)).ToList();
        var hosts = await _engine.StartAsync([.. machines.Zip(links, (machine, link) => new SiloPlan(machine.Name, silo => Configure(silo.Services, machine, link)))]);
        foreach (var (machine, link, host) in machines.Zip(links, hosts))
        {
            _silos[machine.Name] = new SimulatedSilo(machine, link, host, _network);
        }
    }

    private void Configure(IServiceCollection silo, SimulatedMachine machine, SiloLink link)
    {
        silo.AddSingleton<TimeProvider>(Time);
        Storage.AddTo(silo, link);
        silo.AddSingleton(services => new SimulatedNode(machine, link, services.GetRequiredService<IGrainFactory>(), Time));
        silo.AddSingleton<INodeRuntime>(services => services.GetRequiredService<SimulatedNode>());
        silo.AddSingleton<INodeDirectory, NoNodes>();
    }

    private sealed class NoNodes : INodeDirectory
    {
        public IReadOnlyList<OrleansInstances.Nodes.NodeSnapshot> Nodes => [];

        public void Placed(string node, InstanceLimits limits)
        {
        }
    }
}
