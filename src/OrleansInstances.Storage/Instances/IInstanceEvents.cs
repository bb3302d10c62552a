using OrleansInstances.Instances;

namespace OrleansInstances.Storage.Instances;

/// <summary>The log of what happened to instances. It outlives them.</summary>
public interface IInstanceEvents
{
    /// <summary>Events of one instance by ascending sequence. Their times have millisecond precision.</summary>
    /// <param name="instanceId">Which one.</param>
    /// <param name="afterSequence">Only sequences above this one; 0 is from the start.</param>
    /// <param name="limit">At most this many.</param>
    /// <param name="types">Only these of <see cref="InstanceEventTypes"/>; null is all.</param>
    /// <param name="cancellationToken">Ends the wait for a turn; a read that began is finished.</param>
    Task<IReadOnlyList<InstanceEvent>> ListAsync(
        Guid instanceId,
        long afterSequence,
        int limit,
        IReadOnlyCollection<string>? types,
        CancellationToken cancellationToken);
}
