using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using OrleansInstances.Grains.Nodes;
using OrleansInstances.Hosting;
using OrleansInstances.Hosting.Nodes;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;
using OrleansInstances.Simulation.Engine;
using OrleansInstances.Simulation.Machines;
using OrleansInstances.Storage.Instances;
using OrleansInstances.Storage.Nodes;

namespace OrleansInstances.Simulation;

/// <summary>
/// Several silos in this process, as they are in production but for machines, which are simulated, and the clock, which stands
/// still until a test lets time pass. At its end nothing may ever have run twice.
/// </summary>
internal sealed class SimulatedCluster : IAsyncDisposable
{
    /// <summary>How often silos renew leases and look at those of others: a third of <see cref="Lease"/>.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromSeconds(10);

    public static readonly TimeSpan Lease = 3 * Tick;

    /// <summary>What is waited beyond a lease: not a whole tick, so that what waits for both is seen to wait for both.</summary>
    public static readonly TimeSpan Margin = TimeSpan.FromSeconds(5);

    /// <summary>How long this machine may be busy before something counts as failed.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

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

    /// <summary>One silo on each machine; all of them know each other's nodes.</summary>
    public static async Task<SimulatedCluster> StartAsync(params MachinePlan[] machines)
    {
        var cluster = new SimulatedCluster();
        await cluster.StartAsync([.. machines.Select(plan => new SimulatedMachine(plan, cluster.Processes, cluster.Time))]);
        for (var ticks = 0; ticks == 0 || cluster.Living.Any(silo => !silo.HasTicked); ticks++)
        {
            Assert.True(ticks < 10, "A silo does nothing at any tick.");
            await cluster.PassAsync(Tick);
        }

        return cluster;
    }

    /// <summary>A machine more.</summary>
    public Task AddAsync(MachinePlan machine) => StartAsync([new SimulatedMachine(machine, Processes, Time)]);

    /// <summary>Another silo on the machine, whose last one is gone.</summary>
    /// <param name="machine">Its name.</param>
    /// <param name="lease">The setting that it starts with, where it is another one.</param>
    public Task RestartAsync(string machine, TimeSpan? lease = null) => StartAsync([_silos[machine].Machine], lease);

    /// <summary>The silo that an instance's grain was last activated on.</summary>
    public SimulatedSilo HomeOf(Guid instance) => _silos[Storage.HomeOf(instance)];

    /// <summary>The others, as long as they live.</summary>
    public IReadOnlyList<SimulatedSilo> Others(SimulatedSilo silo) => [.. Living.Where(other => other != silo)];

    public IReadOnlyList<SimulatedSilo> Living => [.. _silos.Values.Where(silo => !silo.Link.IsDead)];

    /// <summary>Any silo that the others go by being there.</summary>
    public SimulatedSilo Any => Living.First(silo => !silo.IsEvicted);

    /// <summary>Makes an instance and starts it; it is not waited for.</summary>
    public async Task<Guid> BeginAsync(InstanceSpec spec)
    {
        var id = Guid.NewGuid();
        var reply = await Any.Instance(id).CreateAsync(spec with { Command = ["/bin/cat"] }, "me", start: true);
        Assert.Null(reply.Refusal);
        return id;
    }

    /// <summary>Makes an instance and waits until it runs.</summary>
    public async Task<Guid> RunAsync(InstanceSpec spec)
    {
        var id = await BeginAsync(spec);
        await UntilAsync(id, InstanceStatus.Running);
        return id;
    }

    public async Task<InstanceSnapshot> GetAsync(Guid instance) => (await Any.Instance(instance).GetAsync()).Instance!;

    /// <summary>Waits for a status while the clock stands still, but for a second now and then: what failed is tried again by it.</summary>
    public async Task<InstanceSnapshot> UntilAsync(Guid instance, InstanceStatus status)
    {
        InstanceSnapshot? seen = null;
        var since = DateTime.UtcNow;
        await Eventually.HoldsAsync(() => $"{instance} is {status}; it is {seen?.Status} {seen?.Message}", async () =>
        {
            if (DateTime.UtcNow - since > Patience)
            {
                since = DateTime.UtcNow;
                Time.Advance(TimeSpan.FromSeconds(1));
            }

            return (seen = await GetAsync(instance)).Status == status;
        });
        return seen!;
    }

    /// <summary>Waits for what takes some seconds of the clock.</summary>
    public async Task<T> PassUntilDoneAsync<T>(Task<T> call)
    {
        while (await Task.WhenAny(call, Task.Delay(TimeSpan.FromMilliseconds(200))) != call)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
        }

        return await call;
    }

    /// <summary>The types of an instance's events that follow the first one of a type.</summary>
    public async Task<IReadOnlyList<string>> EventsAsync(Guid instance, string after)
    {
        var events = await Storage.Events.ListAsync(instance, new EventQuery(), 0, 1000, CancellationToken.None);
        return [.. events.Select(happened => happened.Type).SkipWhile(type => type != after).Skip(1)];
    }

    /// <summary>What the cluster holds of a node.</summary>
    public async Task<NodeRow> NodeAsync(string name) => await Storage.Nodes.FindAsync(name, CancellationToken.None) ?? throw new InvalidOperationException($"There is no node {name}.");

    /// <summary>
    /// Lets time pass, tick by tick: each waits until every silo that lives has done what it does at every tick, so that none
    /// is late because this machine is busy. A silo's clocks begin a moment after its start, so it may miss its first.
    /// </summary>
    public async Task PassAsync(TimeSpan time)
    {
        for (var left = time; left > TimeSpan.Zero; left -= Tick)
        {
            var living = Living.Select(silo => (Silo: silo, silo.Ticks, silo.HasTicked)).ToList();
            Time.Advance(Tick);
            var since = DateTime.UtcNow;
            foreach (var (silo, ticks, hasTicked) in living)
            {
                await Eventually.HoldsAsync(
                    $"silo {silo.Name} does what it does at every tick",
                    () => silo.Link.IsDead || silo.Ticks > ticks || (!hasTicked && DateTime.UtcNow - since > Patience));
            }
        }
    }

    /// <summary>Lets time pass until something holds.</summary>
    public async Task PassUntilAsync(string what, Func<Task<bool>> condition)
    {
        for (var left = 10 * Lease; !await HoldsSoonAsync(condition); left -= Tick)
        {
            Assert.True(left > TimeSpan.Zero, $"{10 * Lease} passed without: {what}");
            await PassAsync(Tick);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        await Storage.DisposeAsync();
        Assert.Empty(Processes.TakeSecondCopies());
    }

    private static async Task<bool> HoldsSoonAsync(Func<Task<bool>> condition)
    {
        for (var tries = 0; tries < 10; tries++)
        {
            if (await condition())
            {
                return true;
            }

            await Task.Delay(5);
        }

        return false;
    }

    private async Task StartAsync(IReadOnlyList<SimulatedMachine> machines, TimeSpan? lease = null)
    {
        var links = machines.Select(machine => new SiloLink(machine.Name)).ToList();
        var hosts = await _engine.StartAsync([.. machines.Zip(links, (machine, link) => new SiloPlan(machine.Name, silo => Configure(silo, machine, link, lease ?? Lease)))]);
        foreach (var (machine, link, host) in machines.Zip(links, hosts))
        {
            _silos[machine.Name] = new SimulatedSilo(machine, link, host, _network);
        }
    }

    private void Configure(ISiloBuilder silo, SimulatedMachine machine, SiloLink link, TimeSpan lease)
    {
        var plan = machine.Plan;
        silo.Services.AddSingleton<TimeProvider>(Time);
        silo.Services.AddSingleton(new NodeIdentity(machine.Name, machine.Id));
        silo.Services.AddSingleton(new OrleansInstancesOptions
        {
            Postgres = "simulated",
            SpansMachines = true,
            Region = plan.Region,
            NodeLabels = plan.Labels,
            MaxInstances = plan.MaxInstances,
            LeaseSeconds = lease.TotalSeconds,
            FenceMarginSeconds = Margin.TotalSeconds,
        });
        silo.Services.Configure<NodeOptions>(options =>
        {
            options.Cpus = plan.Cpus;
            options.MemoryMb = plan.MemoryMb;
        });
        Storage.AddTo(silo.Services, link);
        silo.Services.AddSingleton(services => new SimulatedNode(machine, link, services.GetRequiredService<IGrainFactory>(), Time));
        silo.Services.AddSingleton<INodeRuntime>(services => services.GetRequiredService<SimulatedNode>());
        silo.Services.AddSingleton<ILeasedRuntime>(services => services.GetRequiredService<SimulatedNode>());
        silo.AddPlacementDirector<OnItsNode, NodePlacementDirector>();
        silo.Services.AddNodes(isNode: true);
    }
}
