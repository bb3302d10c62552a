using OrleansInstances.Instances;

namespace OrleansInstances.Storage.Instances;

/// <summary>The log of what happened to instances. It outlives them.</summary>
public interface IInstanceEvents
{
    /// <summary>Events of one instance by ascending sequence. Their times have millisecond precision.</summary>
    /// <param name="instanceId">Which one.</param>
    /// <param name="query">Which of its events; whose it is doesn't matter.</param>
    /// <param name="afterSequence">Only sequences above this one; 0 is from the start.</param>
    /// <param name="limit">At most this many.</param>
    /// <param name="cancellationToken">Ends the wait for a turn; a read that began is finished.</param>
    Task<IReadOnlyList<InstanceEvent>> ListAsync(
        Guid instanceId, EventQuery query, long afterSequence, int limit, CancellationToken cancellationToken);

    /// <summary>A part of the events that match, of any instance: by time, then instance and sequence.</summary>
    Task<IReadOnlyList<LoggedEvent>> PageAsync(EventQuery query, PageRequest page, CancellationToken cancellationToken);

    /// <summary>Whose instance it is or was; null when nothing is logged of it.</summary>
    Task<string?> FindOwnerAsync(Guid instanceId, CancellationToken cancellationToken);

    /// <summary>Removes the oldest events from before a time, at most so many; answers how many.</summary>
    Task<int> ForgetAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken);
}
