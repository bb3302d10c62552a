using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.TestingHost;

namespace OrleansInstances.Simulation.Engine;

/// <summary>
/// Silos of Orleans' own test cluster. They learn of each other's ends from the tests alone: how long Orleans takes to notice
/// is not what is tested here, and a busy machine must not look like a dead silo.
/// </summary>
internal sealed class SimulatedEngine(Network network) : ISimulatedEngine
{
    private const string Caller = "simulation.silo";

    private static readonly TimeSpan Never = TimeSpan.FromDays(10);

    private readonly ConcurrentQueue<SiloPlan> _next = new();
    private readonly ConcurrentDictionary<string, SiloPlan> _plans = new();
    private readonly ConcurrentDictionary<SiloAddress, bool> _evicted = new();
    private InProcessTestCluster? _cluster;

    public async Task<IReadOnlyList<ISimulatedHost>> StartAsync(IReadOnlyList<SiloPlan> silos)
    {
        foreach (var silo in silos)
        {
            _next.Enqueue(silo);
        }

        IReadOnlyList<InProcessSiloHandle> started;
        if (_cluster is null)
        {
            _cluster = Build((short)silos.Count);
            await _cluster.DeployAsync();
            started = _cluster.Silos;
        }
        else
        {
            started = await _cluster.StartSilosAsync(silos.Count);
        }

        await LearnAsync(_cluster.Silos);
        return [.. silos.Select(plan => new SimulatedHost(this, started.Single(handle => _plans[handle.Name] == plan)))];
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }

    private InProcessTestCluster Build(short silos)
    {
        var builder = new InProcessTestClusterBuilder(silos);
        builder.Options.ConfigureFileLogging = false;
        builder.Options.InitializeClientOnDeploy = false;
        builder.ConfigureSiloHost((_, host) => host.Logging.ClearProviders());
        builder.ConfigureSilo((options, silo) => Configure(silo, _plans[options.SiloName] = Next()));
        return builder.Build();
    }

    private SiloPlan Next() => _next.TryDequeue(out var plan) ? plan : throw new InvalidOperationException("More silos start than were asked for.");

    private void Configure(ISiloBuilder silo, SiloPlan plan)
    {
        silo.Services.AddSingleton<IFatalErrorHandler, NothingIsFatal>();
        silo.Configure<ClusterMembershipOptions>(options =>
        {
            options.ProbeTimeout = Never;
            options.TableRefreshTimeout = Never;
            options.IAmAliveTablePublishTimeout = Never;
            options.UseLivenessGossip = false;
            options.DefunctSiloCleanupPeriod = null;
        });
        silo.AddOutgoingGrainCallFilter(call =>
        {
            RequestContext.Set(Caller, plan.Name);
            return call.Invoke();
        });
        silo.AddIncomingGrainCallFilter(call =>
        {
            if (RequestContext.Get(Caller) is string caller)
            {
                network.Demand(caller, plan.Name);
            }

            return call.Invoke();
        });
        plan.Configure(silo);
    }

    /// <summary>Has silos know what is known.</summary>
    private static async Task LearnAsync(IEnumerable<InProcessSiloHandle> silos)
    {
        foreach (var silo in silos)
        {
            await MembershipOf(silo).Refresh();
        }
    }

    private static IClusterMembershipService MembershipOf(InProcessSiloHandle silo) =>
        silo.ServiceProvider.GetRequiredService<IClusterMembershipService>();

    private async Task DeclareDeadAsync(InProcessSiloHandle dead)
    {
        var others = _cluster!.Silos.Where(silo => silo != dead && silo.IsActive && !IsEvicted(silo)).ToList();
        if (others.Count > 0)
        {
            await MembershipOf(others[0]).TryKill(dead.SiloAddress);
            await LearnAsync(others);
        }
    }

    private bool IsEvicted(InProcessSiloHandle silo) => _evicted.ContainsKey(silo.SiloAddress);

    private sealed class SimulatedHost(SimulatedEngine engine, InProcessSiloHandle handle) : ISimulatedHost
    {
        public IServiceProvider Services { get; } = handle.ServiceProvider;

        public async Task EvictAsync()
        {
            engine._evicted[handle.SiloAddress] = true;
            await engine.DeclareDeadAsync(handle);
        }

        public async Task KillAsync()
        {
            await engine._cluster!.KillSiloAsync(handle);
            await engine.DeclareDeadAsync(handle);
        }

        public async Task StopAsync()
        {
            await engine._cluster!.StopSiloAsync(handle);
            await LearnAsync(engine._cluster.Silos.Where(silo => !engine.IsEvicted(silo)));
        }
    }

    /// <summary>A silo that finds itself declared dead must not take the tests along.</summary>
    private sealed class NothingIsFatal : IFatalErrorHandler
    {
        public bool IsUnexpected(Exception exception) => false;

        public void OnFatalException(object? sender = null, string? context = null, Exception? exception = null)
        {
        }
    }
}
