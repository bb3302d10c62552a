using System.Buffers;
using OrleansInstances.Nodes;

namespace OrleansInstances.Gateway.Dialects.Starpod.Logs;

/// <summary>
/// Makes lines of slices, those of each stream for itself: a line that spans slices is put together again, an unterminated
/// last one is given by <see cref="Complete"/>.
/// </summary>
/// <param name="format">How a line is written.</param>
/// <param name="output">Where to.</param>
/// <param name="start">The offset at which the reader is.</param>
/// <param name="notBefore">The time of lines that come before any known time.</param>
/// <param name="only">The stream that is asked for; null is both.</param>
/// <param name="resume">Where an earlier reader had come to.</param>
internal sealed class ConsoleLines(ILineFormat format, IBufferWriter<byte> output, long start, DateTimeOffset notBefore, OutputStream? only = null, ResumePoint? resume = null)
{
    /// <summary>Bytes of a line; a longer one is given in pieces of this size.</summary>
    public const int LongestLine = 64 * 1024;

    private readonly BegunLine[] _begun = [new(), new()];
    private DateTimeOffset _at = notBefore;
    private OutputStream? _undelivered;
    private long _end = start;

    public void Write(OutputSlice slice)
    {
        if (slice.Data.IsEmpty)
        {
            format.WriteIdle(output);
            return;
        }

        if (slice.Offset > _end)
        {
            Complete();
            format.WriteGap(_end, slice.Offset, _at, output);
        }

        _end = slice.Offset + slice.Data.Length;
        foreach (var range in OutputRange.Of(slice))
        {
            _at = range.At ?? _at;
            var start = Math.Max(range.Start, range.End - (int)Math.Min(Undelivered(slice.Offset, range), range.End));
            if (start < range.End && (only ?? range.Stream) == range.Stream)
            {
                Take(slice.Data.Span[start..range.End], slice.Offset + start, range.Stream);
            }
        }
    }

    /// <summary>Gives the lines that have begun, if any.</summary>
    public void Complete()
    {
        foreach (var stream in (ReadOnlySpan<OutputStream>)[OutputStream.Stdout, OutputStream.Stderr])
        {
            if (_begun[(int)stream].Text.WrittenCount > 0)
            {
                Give([], _end, stream);
            }
        }
    }

    /// <summary>How many bytes at the end of a range the earlier reader doesn't have.</summary>
    private long Undelivered(long sliceOffset, OutputRange range)
    {
        var (from, to) = (sliceOffset + range.Start, sliceOffset + range.End);
        if (resume is not { } point || point.From == point.End)
        {
            return to - from;
        }

        // Without the line that had begun nobody can tell its stream: better twice than not at all.
        _undelivered ??= from == point.From ? range.Stream : null;
        return _undelivered is null || _undelivered == range.Stream ? to - from : to - Math.Clamp(point.End, from, to);
    }

    private void Take(ReadOnlySpan<byte> bytes, long offset, OutputStream stream)
    {
        var begun = _begun[(int)stream];
        while (!bytes.IsEmpty)
        {
            var newline = bytes.IndexOf((byte)'\n');
            var piece = newline < 0 ? bytes : bytes[..newline];
            var taken = newline < 0 ? piece.Length : newline + 1;
            var room = LongestLine - begun.Text.WrittenCount;
            if (piece.Length > room)
            {
                taken = CharacterBoundary(piece, room);
                Give(piece[..taken], offset + taken, stream);
            }
            else if (newline < 0)
            {
                begun.Add(piece, offset, _at);
            }
            else
            {
                Give(piece, offset + taken, stream);
            }

            bytes = bytes[taken..];
            offset += taken;
        }
    }

    /// <param name="piece">The rest of the line.</param>
    /// <param name="end">The offset behind it.</param>
    /// <param name="stream">Whose line.</param>
    private void Give(ReadOnlySpan<byte> piece, long end, OutputStream stream)
    {
        var begun = _begun[(int)stream];
        var other = _begun[1 - (int)stream];
        var next = new ResumePoint(other.Text.WrittenCount > 0 ? other.Offset : end, end);
        if (begun.Text.WrittenCount == 0)
        {
            format.Write(new ConsoleLine(piece, _at, stream, next), output);
            return;
        }

        begun.Text.Write(piece);
        format.Write(new ConsoleLine(begun.Text.WrittenSpan, begun.At, stream, next), output);
        begun.Text.ResetWrittenCount();
    }

    /// <summary>The last place up to <paramref name="index"/> that is not inside a UTF-8 sequence, which has at most 3 further bytes.</summary>
    private static int CharacterBoundary(ReadOnlySpan<byte> text, int index)
    {
        for (var place = index; place > 0 && index - place <= 3; place--)
        {
            if ((text[place] & 0xC0) != 0x80)
            {
                return place;
            }
        }

        return index;
    }

    private sealed class BegunLine
    {
        public ArrayBufferWriter<byte> Text { get; } = new();

        public long Offset { get; private set; }

        public DateTimeOffset At { get; private set; }

        public void Add(ReadOnlySpan<byte> piece, long offset, DateTimeOffset at)
        {
            if (Text.WrittenCount == 0)
            {
                (Offset, At) = (offset, at);
            }

            Text.Write(piece);
        }
    }
}
