using OrleansInstances.Nodes;

namespace OrleansInstances.Storage.Nodes;

/// <summary>
/// The nodes that ever joined, a row for each name, which stays for good. Every change is a compare and set of one row: of
/// several callers that want the same, each is told what became of it. What the steps are for is docs/failover.md's.
/// </summary>
public interface INodeTable
{
    /// <summary>The node of this name, removed or not; null when none ever had it.</summary>
    Task<NodeRow?> FindAsync(string name, CancellationToken cancellationToken);

    /// <summary>
    /// Registers a node anew, seen now, neither revoked nor fenced nor removed. The caller has made sure that whatever may
    /// move of its earlier incarnations is dead. An operator's word about new instances stays if the node id does.
    /// </summary>
    /// <param name="node">What it is; its incarnation, since, standing and cordon are the row's alone and not looked at.</param>
    /// <param name="lease">How long it counts as there after each renewal. It holds until the next join: the node goes by it too.</param>
    /// <param name="cancellationToken">Ends the wait, not what is waited for.</param>
    /// <returns>
    /// The incarnation: above all that were given before to any node of this database. Null when the name belongs to another
    /// node id, and that node is neither fenced nor removed.
    /// </returns>
    Task<long?> JoinAsync(NodeSnapshot node, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>
    /// Notes that the node was seen now, and what it says of itself. False when this incarnation is revoked or no longer the
    /// row's: then nothing is changed, and the lease runs out.
    /// </summary>
    Task<bool> RenewAsync(NodeSnapshot node, long incarnation, CancellationToken cancellationToken);

    /// <summary>
    /// Takes the lease away: no renewal succeeds afterwards. Only from a node that was not seen for its lease, unless
    /// <paramref name="evenIfSeen"/>. True when this incarnation is revoked now, or was before.
    /// </summary>
    Task<bool> RevokeAsync(string name, long incarnation, bool evenIfSeen, CancellationToken cancellationToken);

    /// <summary>
    /// Notes that whatever may move has ended there: the caller has waited long enough since it saw that the incarnation is
    /// revoked. False when it is not, or no longer the row's. True also when it was fenced before.
    /// </summary>
    Task<bool> MarkFencedAsync(string name, long incarnation, CancellationToken cancellationToken);

    /// <summary>
    /// Notes an operator's word that the machine is gone for good. False when this incarnation is not fenced, or no longer
    /// the row's. True also when it was removed before.
    /// </summary>
    Task<bool> RemoveAsync(string name, long incarnation, CancellationToken cancellationToken);

    /// <summary>Says whether the node takes new instances, and keeps those it has. False when there is no such node.</summary>
    Task<bool> SetCordonAsync(string name, NodeCordon cordon, CancellationToken cancellationToken);

    /// <summary>All of them, by name, removed ones too.</summary>
    Task<IReadOnlyList<NodeRow>> ListAsync(CancellationToken cancellationToken);
}
