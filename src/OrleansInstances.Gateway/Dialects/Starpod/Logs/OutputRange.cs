using OrleansInstances.Nodes;

namespace OrleansInstances.Gateway.Dialects.Starpod.Logs;

/// <summary>Bytes of a slice that were captured together.</summary>
/// <param name="Start">Place of the first in the slice's data.</param>
/// <param name="End">Place behind the last.</param>
/// <param name="At">When; null for what comes before any known time.</param>
/// <param name="Stream">From which stream.</param>
internal readonly record struct OutputRange(int Start, int End, DateTimeOffset? At, OutputStream Stream)
{
    /// <summary>The whole slice, range by range.</summary>
    public static IEnumerable<OutputRange> Of(OutputSlice slice)
    {
        var range = new OutputRange(0, 0, null, OutputStream.Stdout);
        foreach (var time in slice.Times)
        {
            var start = (int)Math.Clamp(time.Offset - slice.Offset, 0, slice.Data.Length);
            if (start > range.Start)
            {
                yield return range with { End = start };
            }

            range = new OutputRange(start, start, time.At, time.Stream);
        }

        if (range.Start < slice.Data.Length)
        {
            yield return range with { End = slice.Data.Length };
        }
    }
}
