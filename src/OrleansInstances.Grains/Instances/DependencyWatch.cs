using OrleansInstances.Instances;

namespace OrleansInstances.Grains.Instances;

/// <summary>Wakes an instance as soon as the one that it waits for changes; should that fail, the sweeper does.</summary>
/// <param name="grains">The cluster's grains.</param>
/// <param name="wake">Called on the instance's own turns, unless it is over.</param>
/// <param name="failed">Told of a watch that came to nothing.</param>
internal sealed class DependencyWatch(IGrainFactory grains, Action wake, Action<Exception, Guid> failed)
{
    private Guid? _watched;

    /// <param name="unmet">A watch of the same instance that is under way will do.</param>
    /// <param name="atMost">After that it is woken in any case.</param>
    public void Watch(UnmetDependency unmet, TimeSpan atMost)
    {
        if (unmet.Version is { } version && _watched != unmet.Id)
        {
            _watched = unmet.Id;
            _ = WatchAsync(unmet.Id, version, atMost);
        }
    }

    private async Task WatchAsync(Guid dependency, long version, TimeSpan atMost)
    {
        try
        {
            await grains.GetGrain<IInstanceGrain>(dependency).WaitAsync(version, atMost);
            wake();
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            failed(error, dependency);
        }
        finally
        {
            if (_watched == dependency)
            {
                _watched = null;
            }
        }
    }
}
