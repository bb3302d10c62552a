using System.Runtime.CompilerServices;
using OrleansInstances.Gateway.Errors;
using OrleansInstances.Nodes;

namespace OrleansInstances.Gateway.Instances;

/// <summary>Reads a console from its node, slice by slice, up to where it ended when the reading began.</summary>
internal static class ConsoleSlices
{
    /// <summary>Bytes of the longest slice.</summary>
    public const int SliceBytes = 1024 * 1024;

    /// <summary>The first slice; empty when the node has nothing of the instance.</summary>
    public static async Task<OutputSlice> ReadFirstAsync(this INodeGrain node, OutputQuery query, CancellationToken cancellationToken) =>
        await SecondTry.RepeatAsync(() => node.ReadOutputAsync(query with { MaxBytes = SliceBytes })).WaitAsync(cancellationToken) ?? Empty;

    /// <summary>
    /// <paramref name="first"/> and all that follows up to its head: a console that grows while it is read does not keep
    /// its reader. A slice may begin behind the end of the one before it: what lay between is no longer kept.
    /// </summary>
    public static async IAsyncEnumerable<OutputSlice> ReadOnAsync(
        this INodeGrain node,
        Guid instanceId,
        OutputSlice first,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var slice = first;
        while (!slice.Data.IsEmpty)
        {
            yield return slice;
            var next = slice.Offset + slice.Data.Length;
            var left = first.Head - next;
            if (left <= 0)
            {
                yield break;
            }

            var query = new OutputQuery(instanceId, next, TailLines: null, Since: null, (int)Math.Min(left, SliceBytes));
            slice = await SecondTry.RepeatAsync(() => node.ReadOutputAsync(query)).WaitAsync(cancellationToken) ?? Empty;
        }
    }

    public static OutputSlice Empty { get; } = new(0, ReadOnlyMemory<byte>.Empty, 0, []);
}
