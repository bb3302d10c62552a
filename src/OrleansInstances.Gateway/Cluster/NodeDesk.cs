using OrleansInstances.Nodes;
using OrleansInstances.Storage.Nodes;

namespace OrleansInstances.Gateway.Cluster;

/// <summary>What an operator sees of the nodes and says of them. One that was removed is not there.</summary>
internal sealed class NodeDesk(INodeTable table)
{
    /// <summary>By name.</summary>
    public async Task<IEnumerable<NodeRow>> ListAsync(CancellationToken cancellationToken) =>
        (await table.ListAsync(cancellationToken)).Where(IsThere);

    /// <summary>Null when there is none.</summary>
    public async Task<NodeRow?> FindAsync(string name, CancellationToken cancellationToken) =>
        await table.FindAsync(name, cancellationToken) is { } row && IsThere(row) ? row : null;

    /// <summary>The node as it is then; null when there is none.</summary>
    public async Task<NodeRow?> CordonAsync(string name, NodeCordon cordon, CancellationToken cancellationToken) =>
        await FindAsync(name, cancellationToken) is not null && await table.SetCordonAsync(name, cordon, cancellationToken)
            ? await FindAsync(name, cancellationToken)
            : null;

    /// <summary>
    /// Takes the node one step further towards being removed: a lost one is revoked, and fenced by whoever waits for that; a
    /// fenced one is removed. A live one stays.
    /// </summary>
    /// <returns>The node as it is then, removed or not; null when there was none.</returns>
    public async Task<NodeRow?> RemoveAsync(string name, CancellationToken cancellationToken)
    {
        if (await FindAsync(name, cancellationToken) is not { } row)
        {
            return null;
        }

        switch (row.Standing)
        {
            case NodeStanding.Lost:
                await table.RevokeAsync(name, row.Incarnation, evenIfSeen: false, cancellationToken);
                break;
            case NodeStanding.Fenced:
                await table.RemoveAsync(name, row.Incarnation, cancellationToken);
                break;
        }

        return await table.FindAsync(name, cancellationToken);
    }

    private static bool IsThere(NodeRow row) => row.Standing != NodeStanding.Removed;
}
