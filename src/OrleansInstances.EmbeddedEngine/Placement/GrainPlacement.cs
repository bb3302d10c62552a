using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace OrleansInstances.EmbeddedEngine.Placement;

/// <summary>Asks the directors. There is one silo to choose; they may still refuse.</summary>
internal sealed class GrainPlacement(IServiceProvider services, SiloAddress silo) : IPlacementContext
{
    public SiloAddress LocalSilo { get; } = silo;

    public SiloAddress[] GetCompatibleSilos(PlacementTarget target) => [LocalSilo];

    /// <summary>Throws what the director throws.</summary>
    /// <exception cref="SiloUnavailableException">The director chose another silo than the one there is.</exception>
    public async Task PlaceAsync(GrainId grain, PlacementStrategy strategy)
    {
        var director = services.GetKeyedService<IPlacementDirector>(strategy.GetType())
            ?? throw new OrleansConfigurationException($"No placement director is registered for {strategy.GetType()}, which grain {grain} needs.");
        var place = await director.OnAddActivation(strategy, new PlacementTarget(grain, [], default, 0), this);
        if (!LocalSilo.Equals(place))
        {
            throw new SiloUnavailableException($"Silo unavailable: {place}, where grain {grain} was placed.");
        }
    }
}
