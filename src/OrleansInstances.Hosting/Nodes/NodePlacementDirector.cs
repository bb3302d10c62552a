using Orleans.Runtime.Placement;
using OrleansInstances.Nodes;

namespace OrleansInstances.Hosting.Nodes;

/// <summary>Finds the silo of a node: the one that last joined or renewed under its name, as long as the cluster has it.</summary>
internal sealed class NodePlacementDirector(NodeDirectory directory) : IPlacementDirector
{
    /// <exception cref="NodeUnreachableException">The node has no silo now.</exception>
    public async Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var node = target.GrainIdentity.Key.ToString()!;
        if (Find() is { } known)
        {
            return known;
        }

        // It may have come back as another silo since the table was read.
        await directory.RefreshAsync();
        return Find() ?? throw new NodeUnreachableException(node);

        SiloAddress? Find() =>
            directory.Nodes.FirstOrDefault(candidate => candidate.Name == node)?.Silo is { } silo
                ? context.GetCompatibleSilos(target).FirstOrDefault(SiloAddress.FromParsableString(silo).Equals)
                : null;
    }
}
