using Microsoft.Extensions.DependencyInjection;
using OrleansInstances.Instances;
using OrleansInstances.Simulation.Engine;
using OrleansInstances.Simulation.Machines;

namespace OrleansInstances.Simulation;

/// <summary>A silo, the machine it runs on, and what can be done to it.</summary>
internal sealed class SimulatedSilo(SimulatedMachine machine, SiloLink link, ISimulatedHost host, Network network)
{
    private readonly int _ticksAtStart = TicksOf(link);

    public string Name => machine.Name;

    public SimulatedMachine Machine => machine;

    public SiloLink Link => link;

    public SimulatedNode Node { get; } = host.Services.GetRequiredService<SimulatedNode>();

    public bool IsEvicted { get; private set; }

    /// <summary>How many ticks it has done its part of: renewed its lease, or tried to, and looked at the leases of others.</summary>
    public int Ticks => TicksOf(link);

    /// <summary>Whether it has done any since its start, which does some of it too.</summary>
    public bool HasTicked => Ticks > _ticksAtStart;

    public IServiceProvider Services => host.Services;

    /// <summary>An instance, asked from this silo.</summary>
    public IInstanceGrain Instance(Guid id) => Services.GetRequiredService<IGrainFactory>().GetGrain<IInstanceGrain>(id);

    /// <summary>As <c>kill -9</c>: keeper and processes go on.</summary>
    public async Task KillAsync()
    {
        link.Die();
        network.Cut(Name);
        await host.KillAsync();
        network.Mend(Name);
    }

    /// <summary>As SIGTERM.</summary>
    public async Task StopAsync()
    {
        await host.StopAsync();
        link.Die();
    }

    /// <summary>It runs on, but reaches neither storage nor other silos, and the others go by it being dead.</summary>
    public async Task CutOffAsync()
    {
        link.Cut(off: true);
        await EvictAsync();
    }

    /// <summary>The others go by it being dead, wrongly: it reaches storage, and what is active on it stays.</summary>
    public Task EvictAsync()
    {
        network.Cut(Name);
        IsEvicted = true;
        return host.EvictAsync();
    }

    private static int TicksOf(SiloLink link) => Math.Min(link.Made("INodeTable.RenewAsync"), link.Made("INodeTable.ListAsync"));
}
