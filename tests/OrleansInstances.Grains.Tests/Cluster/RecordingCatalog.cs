using System.Collections.Concurrent;
using OrleansInstances.Grains.Instances;

namespace OrleansInstances.Grains.Tests.Cluster;

/// <summary>Keeps every event that is published.</summary>
internal sealed class RecordingCatalog : IInstanceCatalogWriter
{
    private readonly ConcurrentQueue<(Guid Instance, string Type)> _events = new();

    /// <summary>Runs before anything is published: throw to make it fail.</summary>
    public Func<ICatalogedState, Task> BeforePublish { get; set; } = _ => Task.CompletedTask;

    public IReadOnlyList<string> EventsOf(Guid instanceId) => [.. _events.Where(happened => happened.Instance == instanceId).Select(happened => happened.Type)];

    public async Task PublishAsync(ICatalogedState state)
    {
        await BeforePublish(state);
        foreach (var happened in state.Outbox)
        {
            _events.Enqueue((happened.InstanceId, happened.Type));
        }
    }
}
