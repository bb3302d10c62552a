namespace Orleans.Runtime.Placement;

/// <summary>What there is to choose from.</summary>
public interface IPlacementContext
{
    /// <summary>The silo that asks.</summary>
    SiloAddress LocalSilo { get; }

    /// <summary>The silos that have the class of the grain.</summary>
    SiloAddress[] GetCompatibleSilos(PlacementTarget target);
}
