namespace Orleans.Runtime;

/// <summary>How a place is chosen for a grain that is not active: names the <see cref="Placement.IPlacementDirector"/>.</summary>
public abstract class PlacementStrategy;
