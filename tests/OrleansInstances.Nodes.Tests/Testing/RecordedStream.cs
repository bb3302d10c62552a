using System.Collections.Concurrent;

namespace OrleansInstances.Nodes.Tests.Testing;

/// <summary>A stream that notes what is published, and takes it or not as it is told.</summary>
internal sealed class RecordedStream : IOutputStream
{
    private readonly ConcurrentQueue<(Guid InstanceId, OutputSlice Slice)> _published = new();

    public Func<OutputSlice, Task> OnPublish { get; set; } = _ => Task.CompletedTask;

    public IReadOnlyList<OutputSlice> Of(Guid instanceId) => [.. _published.Where(item => item.InstanceId == instanceId).Select(item => item.Slice)];

    public async Task PublishAsync(Guid instanceId, OutputSlice slice)
    {
        await OnPublish(slice);
        _published.Enqueue((instanceId, slice));
    }
}
