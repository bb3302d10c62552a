using System.Buffers;

namespace OrleansInstances.Nodes.Console;

/// <summary>Finds where the last lines of a console begin, reading it backwards.</summary>
internal static class LineTail
{
    private const int BlockBytes = 64 * 1024;
    private const byte EndOfLine = (byte)'\n';

    /// <summary>The offset at which the last <paramref name="lines"/> lines begin, at most as far back as the console goes; null when a segment was dropped on the way.</summary>
    /// <param name="head">Console length.</param>
    /// <param name="lines">An unfinished last line counts as one.</param>
    /// <param name="stream">Whose lines; null is both streams together.</param>
    public static long? Find(ConsoleSegments segments, long head, int lines, OutputStream? stream)
    {
        if (lines <= 0)
        {
            return head;
        }

        var end = head;
        var atLastByte = true;
        var buffer = ArrayPool<byte>.Shared.Rent(BlockBytes);
        try
        {
            for (var segment = segments.Count - 1; segment >= 0; segment--)
            {
                var begin = segments.Offsets[segment];
                using var file = segments.Open(segment);
                if (file is null)
                {
                    return null;
                }

                // Between a segment's end and the next one's name may be what another node printed.
                end = Math.Min(end, begin + RandomAccess.GetLength(file));
                while (end > begin)
                {
                    var from = Math.Max(begin, end - BlockBytes);
                    var block = buffer.AsSpan(0, (int)(end - from));
                    var read = RandomAccess.Read(file, block, from - begin);
                    foreach (var (start, length) in Ranges(segments, from, from + read, stream))
                    {
                        // The very last byte ends the last line or belongs to it: either way no line begins behind it.
                        var text = block.Slice((int)(start - from), length - (atLastByte ? 1 : 0));
                        atLastByte = false;
                        if (FindStart(text, ref lines) is var place and >= 0)
                        {
                            return start + place;
                        }
                    }

                    end = from;
                }
            }

            return segments.Offsets[0];
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Where a stream's bytes are from one offset up to another, the last ones first.</summary>
    private static IEnumerable<(long Start, int Length)> Ranges(ConsoleSegments segments, long from, long end, OutputStream? stream)
    {
        if (stream is null)
        {
            yield return (from, (int)(end - from));
            yield break;
        }

        var times = ConsoleReader.Times(segments, from, end);
        for (var i = times.Length - 1; i >= 0; i--)
        {
            if (times[i].Stream == stream && times[i].Offset < end)
            {
                yield return (times[i].Offset, (int)(end - times[i].Offset));
            }

            end = times[i].Offset;
        }

        if (stream == OutputStream.Stdout && end > from)
        {
            yield return (from, (int)(end - from));
        }
    }

    /// <summary>Where the line begins that is <paramref name="lines"/> line ends from the end of a block; -1, with those in the block counted off, when it begins earlier.</summary>
    public static int FindStart(ReadOnlySpan<byte> block, ref int lines)
    {
        while (block.LastIndexOf(EndOfLine) is var at and >= 0)
        {
            if (--lines == 0)
            {
                return at + 1;
            }

            block = block[..at];
        }

        return -1;
    }
}
