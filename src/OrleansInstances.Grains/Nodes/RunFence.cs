using OrleansInstances.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Grains.Nodes;

/// <summary>What follows of the node table for a run whose end nobody has seen.</summary>
public static class RunFence
{
    /// <summary>
    /// Whether a run is over for certain. A node gets a higher incarnation only when nothing that may move is alive under the
    /// ones before, and incarnations never come back: an old copy of a row can only say no.
    /// </summary>
    /// <param name="incarnation">The node's registration that the run began under; 0 says that it began before there were any.</param>
    /// <param name="policy">What the run began with.</param>
    /// <param name="node">Its node's row, in whatever copy; null when there is none.</param>
    public static bool IsOver(long incarnation, NodeLossPolicy policy, NodeSnapshot? node) => node switch
    {
        null => false,
        _ when node.Incarnation < incarnation => false,
        { Standing: NodeStanding.Removed } => true,
        _ when incarnation == 0 => false,
        _ when policy == NodeLossPolicy.Move => node.Incarnation > incarnation || node.Standing == NodeStanding.Fenced,

        // Another machine has the name: the operator's word that the old one is gone.
        _ => incarnation < node.Since,
    };
}
