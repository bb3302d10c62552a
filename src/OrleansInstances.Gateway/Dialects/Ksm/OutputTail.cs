using OrleansInstances.Gateway.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Gateway.Dialects.Ksm;

/// <summary>The end of a console.</summary>
/// <param name="Bytes">At most <see cref="MostBytes"/>, with more lines than are shown.</param>
/// <param name="BeginsInLine">The first byte, be it a line's end, belongs to a line that is not whole.</param>
internal readonly record struct OutputTail(ReadOnlyMemory<byte> Bytes, bool BeginsInLine)
{
    public const int MostBytes = ConsoleSlices.SliceBytes;

    /// <summary>Reads what comes behind <paramref name="mark"/>, where a line begins.</summary>
    public static async Task<OutputTail> ReadAsync(INodeGrain node, Guid instanceId, long mark, CancellationToken cancellationToken)
    {
        // One line more than is shown: the last one may be unfinished.
        var query = new OutputQuery(instanceId, From: null, OutputLines.Most + 1, Since: null, MostBytes);
        var slice = await node.ReadFirstAsync(query, cancellationToken);
        var beginsInLine = false;
        if (slice.Offset + slice.Data.Length < slice.Head)
        {
            var from = slice.Head - MostBytes;
            slice = await node.ReadFirstAsync(query with { From = from, TailLines = null }, cancellationToken);
            beginsInLine = slice.Offset > mark;
        }

        var old = (int)Math.Clamp(mark - slice.Offset, 0, slice.Data.Length);
        return new OutputTail(slice.Data[old..], beginsInLine);
    }
}
