namespace OrleansInstances.Instances;

/// <summary>Where an instance stands in its lifecycle. The numbers are stored: append, never renumber.</summary>
public enum InstanceStatus
{
    /// <summary>Accepted, but no node takes it yet; the message says why.</summary>
    Pending = 0,

    /// <summary>The epoch is stored and the start is under way on a node.</summary>
    Starting = 1,

    /// <summary>The program runs.</summary>
    Running = 2,

    /// <summary>The whole tree of processes is being stopped in place.</summary>
    Pausing = 3,

    /// <summary>The whole tree of processes is stopped in place.</summary>
    Paused = 4,

    /// <summary>Asked to stop; the tree has not ended yet.</summary>
    Stopping = 5,

    /// <summary>Waits for its next start attempt; the message says when.</summary>
    Backoff = 6,

    /// <summary>Ended because it was asked to, or by itself with exit code 0 and no restart due.</summary>
    Stopped = 7,

    /// <summary>Ended with another exit code, could not start, or used up its attempts.</summary>
    Failed = 8,

    /// <summary>Its node can't be reached; what runs there is unknown.</summary>
    Lost = 9,

    /// <summary>Gone for good.</summary>
    Deleted = 10,
}
