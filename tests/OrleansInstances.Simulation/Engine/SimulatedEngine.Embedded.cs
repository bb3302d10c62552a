using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace OrleansInstances.Simulation.Engine;

/// <summary>
/// Hosts of the embedded engine, each a silo of its own, whose grain factories lead to one another: what Orleans does with
/// directory, placement and membership, as little of it as the tests need.
/// </summary>
internal sealed class SimulatedEngine(Network network) : ISimulatedEngine
{
    private readonly Network _network = network;
    private readonly ConcurrentDictionary<GrainId, SimulatedHost> _directory = new();
    private readonly List<SimulatedHost> _hosts = [];
    private int _starts;

    public async Task<IReadOnlyList<ISimulatedHost>> StartAsync(IReadOnlyList<SiloPlan> silos)
    {
        var started = silos.Select(plan => Add(plan.Name, (port, join) => Build(plan, port, join))).ToList();
        await Task.WhenAll(started.Select(host => host.StartAsync()));
        return started;
    }

    /// <summary>Starts a silo that is more than a <see cref="SiloPlan"/>.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="build">
    /// Builds its host, with the port of its address, which is not opened but tells one start of a silo from another, and with
    /// what leads to grains on the others, which takes the place of what the engine adds.
    /// </param>
    public async Task<ISimulatedHost> StartAsync(string name, Func<int, Action<IServiceCollection>, IHost> build)
    {
        var host = Add(name, build);
        await host.StartAsync();
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in All())
        {
            await host.StopAsync();
        }
    }

    private static IHost Build(SiloPlan plan, int port, Action<IServiceCollection> join)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(port);
            plan.Configure(silo);
            join(silo.Services);
        });
        return builder.Build();
    }

    private SimulatedHost Add(string name, Func<int, Action<IServiceCollection>, IHost> build)
    {
        var host = new SimulatedHost(this, name, join => build(++_starts, join));
        lock (_hosts)
        {
            _hosts.Add(host);
        }

        return host;
    }

    private List<SimulatedHost> All()
    {
        lock (_hosts)
        {
            return [.. _hosts];
        }
    }

    private void Remove(SimulatedHost host)
    {
        lock (_hosts)
        {
            _hosts.Remove(host);
        }

        Forget(host);
    }

    private void Forget(SimulatedHost host)
    {
        foreach (var entry in _directory.Where(entry => entry.Value == host))
        {
            if (_directory.TryRemove(entry))
            {
                host.Own[entry.Key] = true;
            }
        }
    }

    private sealed class SimulatedHost : ISimulatedHost
    {
        private readonly SimulatedEngine _engine;
        private readonly IHost _host;
        private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile bool _evicted;

        public SimulatedHost(SimulatedEngine engine, string name, Func<Action<IServiceCollection>, IHost> build)
        {
            _engine = engine;
            Name = name;
            _host = build(services => services.AddSingleton<IGrainFactory>(_ => new RoutedGrains(CallAsync)));
            Address = Services.GetRequiredService<ILocalSiloDetails>().SiloAddress;
            Grains = Services.GetRequiredService<IClusterClient>();
        }

        public string Name { get; }

        public SiloAddress Address { get; }

        public IServiceProvider Services => _host.Services;

        /// <summary>The grains of this silo alone.</summary>
        public IGrainFactory Grains { get; }

        /// <summary>What was active here when the others lost sight of this silo.</summary>
        public ConcurrentDictionary<GrainId, bool> Own { get; } = new();

        public async Task StartAsync()
        {
            try
            {
                await _host.StartAsync();
            }
            catch
            {
                await KillAsync();
                throw;
            }
        }

        public Task EvictAsync()
        {
            _evicted = true;
            _engine.Forget(this);
            return Task.CompletedTask;
        }

        public async Task KillAsync()
        {
            End();
            await ((IAsyncDisposable)_host).DisposeAsync();
        }

        public async Task StopAsync()
        {
            await _host.StopAsync();
            End();
            await ((IAsyncDisposable)_host).DisposeAsync();
        }

        private void End()
        {
            _end.TrySetResult();
            _engine.Remove(this);
        }

        /// <summary>Makes a call from this silo, wherever the grain is or is to be.</summary>
        private async Task<object?> CallAsync(RoutedCall call)
        {
            var target = await FindAsync(call);
            _engine._network.Demand(Name, target.Name);
            var answer = Intercepted.CallAsync(call.ReferTo(target.Grains), call.Method, call.Arguments);
            return await Task.WhenAny(answer, target._end.Task, _end.Task) == answer
                ? await answer
                : throw new SiloUnavailableException($"Silo {target.Name} ended during the call.");
        }

        private async Task<SimulatedHost> FindAsync(RoutedCall call)
        {
            var grain = ((IAddressable)call.ReferTo(Grains)).GetGrainId();
            if (_evicted)
            {
                return this;
            }

            return _engine._directory.TryGetValue(grain, out var known)
                ? known
                : _engine._directory.GetOrAdd(grain, await PlaceAsync(grain, call));
        }

        private async Task<SimulatedHost> PlaceAsync(GrainId grain, RoutedCall call)
        {
            var silos = _engine.All().Where(host => !host._evicted && !host._end.Task.IsCompleted).ToList();
            if (call.Placement is not { } strategy)
            {
                return silos.Contains(this) ? this : silos[0];
            }

            var context = new PlacementContext(Address, [.. silos.Select(host => host.Address)]);
            var address = await context.AskAsync(Services, strategy, grain);
            return silos.FirstOrDefault(host => host.Address.Equals(address))
                ?? throw new SiloUnavailableException($"Silo unavailable: {address}.");
        }
    }
}
