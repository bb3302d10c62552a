using OrleansInstances.Grains.Launches;
using OrleansInstances.Launches;

namespace OrleansInstances.Hosting.Launches;

/// <summary>The Orleans stream of all launches.</summary>
internal sealed class OrleansLaunchEvents(IClusterClient client) : ILaunchEvents
{
    public Task PublishAsync(LaunchEvent launchEvent) => client
        .GetStreamProvider(LaunchStreams.Provider)
        .GetStream<LaunchEvent>(StreamId.Create(LaunchStreams.Namespace, LaunchStreams.Key))
        .OnNextAsync(launchEvent);
}
