using OrleansInstances.Nodes;

namespace OrleansInstances.Hosting.Nodes;

/// <summary>The Orleans stream of each instance's output.</summary>
internal sealed class OrleansOutputStream(IClusterClient client) : IOutputStream
{
    public Task PublishAsync(Guid instanceId, OutputSlice slice) => client
        .GetStreamProvider(OutputStreams.Provider)
        .GetStream<OutputSlice>(StreamId.Create(OutputStreams.Namespace, instanceId))
        .OnNextAsync(slice);
}
