using System.Runtime.CompilerServices;
using OrleansInstances.Instances;

namespace OrleansInstances.Nodes;

/// <summary>Following the output of an instance as it comes.</summary>
public static class OutputFollowing
{
    /// <summary>Small enough that many followers at full speed cost no large objects.</summary>
    private const int SliceBytes = 64 * 1024;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(20);

    /// <summary>
    /// The console from an offset on, each piece as soon as it is there, across stops and restarts until the instance is
    /// deleted. A piece that begins behind the end of the one before says that what lay between is no longer kept. While
    /// nothing comes, an empty piece about every 20 s says that it is still followed. A slow reader holds up nobody.
    /// </summary>
    /// <param name="grains">The cluster's grains.</param>
    /// <param name="instanceId">Which instance.</param>
    /// <param name="from">First byte offset.</param>
    public static async IAsyncEnumerable<OutputSlice> FollowOutputAsync(
        this IGrainFactory grains,
        Guid instanceId,
        long from = 0,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var instance = grains.GetGrain<IInstanceGrain>(instanceId);
        var reply = await instance.GetAsync().WaitAsync(cancellationToken);
        while (reply.Instance is { } shown)
        {
            if (shown.Node is not { } node)
            {
                reply = await instance.WaitAsync(shown.Version, LongestWait).WaitAsync(cancellationToken);
                continue;
            }

            var query = new OutputQuery(instanceId, from, TailLines: null, Since: null, SliceBytes) { Wait = LongestWait };
            var slice = await grains.GetGrain<INodeGrain>(node).ReadOutputAsync(query).WaitAsync(cancellationToken);
            if (slice is { Data.IsEmpty: false })
            {
                yield return slice;
                from = slice.Offset + slice.Data.Length;
                continue;
            }

            // A node that has nothing of it will have after its next start, if there is one.
            var next = slice is null ? instance.WaitAsync(shown.Version, LongestWait) : instance.GetAsync();
            reply = await next.WaitAsync(cancellationToken);
            if (reply.Instance is not null)
            {
                yield return new OutputSlice(from, ReadOnlyMemory<byte>.Empty, slice?.Head ?? 0, []);
            }
        }
    }
}
