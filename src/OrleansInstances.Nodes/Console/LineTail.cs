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
    public static long? Find(ConsoleSegments segments, long head, int lines)
    {
        if (lines <= 0)
        {
            return head;
        }

        // The very last byte ends the last line or belongs to it: either way no line begins behind it.
        var end = head - 1;
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

                while (end > begin)
                {
                    var from = Math.Max(begin, end - BlockBytes);
                    var block = buffer.AsSpan(0, (int)(end - from));
                    var read = RandomAccess.Read(file, block, from - begin);
                    if (FindStart(block[..read], ref lines) is var start and >= 0)
                    {
                        return from + start;
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
