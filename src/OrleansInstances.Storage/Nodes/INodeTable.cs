using OrleansInstances.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Storage.Nodes;

/// <summary>The nodes that ever registered.</summary>
public interface INodeTable
{
    /// <summary>
    /// Stores the node under its name and notes that it was seen now; called again it renews. Answers null, or a refusal
    /// (<c>node_name_taken</c>) when another node id holds the name and was seen less than <paramref name="lease"/> ago.
    /// </summary>
    Task<Refusal?> RegisterAsync(NodeSnapshot node, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>All of them, by name.</summary>
    Task<IReadOnlyList<NodeRow>> ListAsync(CancellationToken cancellationToken);
}

/// <param name="Node">As it registered.</param>
/// <param name="SeenAt">When it last registered or renewed.</param>
/// <param name="Age">How long ago that was, by the one clock that also wrote it: clocks of two machines are never compared.</param>
public sealed record NodeRow(NodeSnapshot Node, DateTimeOffset SeenAt, TimeSpan Age);
