using OrleansInstances.Launches;

namespace OrleansInstances.Grains.Launches;

/// <summary>Tells whoever listens what happened to launches.</summary>
public interface ILaunchEvents
{
    Task PublishAsync(LaunchEvent launchEvent);
}
