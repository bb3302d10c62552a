namespace Orleans.Runtime.Placement;

/// <summary>Chooses the silo for a grain that is not active.</summary>
public interface IPlacementDirector
{
    /// <summary>Asked before the grain is made; what it throws reaches every caller that waits for the grain.</summary>
    Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context);
}
