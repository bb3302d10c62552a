using Microsoft.Extensions.Hosting;

namespace OrleansInstances.EmbeddedEngine.Hosting;

/// <summary>Starts and stops the silo with its host, and looks after its clocks.</summary>
internal sealed class SiloHost(Silo silo) : IHostedService, IAsyncDisposable
{
    private ITimer? _timeouts;
    private ITimer? _collection;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Callers wait in real time, whatever clock the grains have.
        var period = silo.Pending.SweepPeriod;
        _timeouts = TimeProvider.System.CreateTimer(static x => ((Silo)x!).Pending.FailExpired(), silo, period, period);

        var quantum = silo.Collection.CollectionQuantum;
        _collection = silo.Time.CreateTimer(static x => ((Silo)x!).DeactivateIdle(), silo, quantum, quantum);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => silo.StopAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        foreach (var timer in new[] { _timeouts, _collection })
        {
            if (timer is not null)
            {
                await timer.DisposeAsync();
            }
        }
    }
}
