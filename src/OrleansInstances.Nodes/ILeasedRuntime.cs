using OrleansInstances.Instances;

namespace OrleansInstances.Nodes;

/// <summary>What a node's membership of the cluster needs of the node's runtime.</summary>
public interface ILeasedRuntime
{
    /// <summary>What the instances that run here take of its room.</summary>
    NodeUse Used { get; }

    /// <summary>Whether a start of this epoch, or a later one of its instance, has been given room here or was refused it.</summary>
    bool HasTaken(RunKey run);

    /// <summary>
    /// The node's registration: starts that were meant for another one are refused. 0 while there is none. A later one has what is
    /// alive here reported: the cluster may have gone by its being over.
    /// </summary>
    long Incarnation { get; set; }

    /// <summary>Whether the data folder holds anything of instances, running or not.</summary>
    bool HoldsInstances { get; }

    /// <summary>The clock of leases, CLOCK_BOOTTIME of this machine in milliseconds.</summary>
    long BootTimeMs { get; }

    /// <summary>Completes when the runtime takes orders and its reports are on the way; tries until then.</summary>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Lets <c>move</c> runs live until <paramref name="untilMs"/> of <see cref="BootTimeMs"/>, and no longer. Null when that is stored, else why not; a deadline of the same incarnation only moves on.</summary>
    Task<Refusal?> LeaseAsync(long incarnation, long untilMs);

    /// <summary>
    /// Ends the registration: <see cref="Incarnation"/> is 0, no start is taken until it is set. Has all <c>move</c> runs
    /// killed and completes when none is alive, however long that takes.
    /// </summary>
    Task FenceAsync(CancellationToken cancellationToken);
}
