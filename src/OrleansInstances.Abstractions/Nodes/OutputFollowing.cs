using System.Runtime.CompilerServices;

namespace OrleansInstances.Nodes;

/// <summary>Following the output of an instance as it comes.</summary>
public static class OutputFollowing
{
    /// <summary>
    /// The console from an offset on, each piece as soon as it is there, across stops, restarts and moves until the instance is
    /// deleted. A piece that begins behind the end of the one before says that what lay between is no longer kept, or was
    /// left on a node that is lost. While nothing comes, an empty piece about every 20 s says that it is still followed. A
    /// slow reader holds up nobody.
    /// </summary>
    /// <param name="grains">The cluster's grains.</param>
    /// <param name="instanceId">Which instance.</param>
    /// <param name="from">First byte offset.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async IAsyncEnumerable<OutputSlice> FollowOutputAsync(
        this IGrainFactory grains,
        Guid instanceId,
        long from = 0,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var follower = new OutputFollower(grains, instanceId, from);
        while (await follower.NextAsync(cancellationToken) is { } slice)
        {
            yield return slice;
        }
    }
}
