using System.Buffers;
using System.Globalization;
using System.Text;
using OrleansInstances.Nodes;

namespace OrleansInstances.Gateway.Dialects.Starpod.Logs;

/// <summary>Makes lines of slices: a line that spans slices is put together again, an unterminated last one is given by <see cref="Complete"/>.</summary>
/// <param name="format">How a line is written.</param>
/// <param name="output">Where to.</param>
/// <param name="notBefore">The time of lines that come before any known time.</param>
internal sealed class ConsoleLines(ILineFormat format, IBufferWriter<byte> output, DateTimeOffset notBefore)
{
    /// <summary>Bytes of a line; a longer one is given in pieces of this size.</summary>
    public const int LongestLine = 64 * 1024;

    private readonly ArrayBufferWriter<byte> _begun = new();
    private DateTimeOffset _at = notBefore;
    private long? _end;

    public void Write(OutputSlice slice)
    {
        if (_end is { } end && slice.Offset > end)
        {
            Complete();
            Format(string.Create(CultureInfo.InvariantCulture, $"[{slice.Offset - end} bytes of output are no longer kept]"));
        }

        _end = slice.Offset + slice.Data.Length;
        var data = slice.Data.Span;
        var time = 0;
        for (var start = 0; start < data.Length;)
        {
            for (; _begun.WrittenCount == 0 && time < slice.Times.Length && slice.Times[time].Offset <= slice.Offset + start; time++)
            {
                _at = slice.Times[time].At;
            }

            var rest = data[start..];
            var newline = rest.IndexOf((byte)'\n');
            var piece = newline < 0 ? rest : rest[..newline];
            var room = LongestLine - _begun.WrittenCount;
            if (piece.Length > room)
            {
                piece = piece[..CharacterBoundary(piece, room)];
                Give(piece);
                start += piece.Length;
            }
            else if (newline < 0)
            {
                _begun.Write(piece);
                return;
            }
            else
            {
                Give(piece);
                start += newline + 1;
            }
        }
    }

    /// <summary>Gives the line that has begun, if any.</summary>
    public void Complete()
    {
        if (_begun.WrittenCount > 0)
        {
            Give([]);
        }
    }

    private void Give(ReadOnlySpan<byte> piece)
    {
        if (_begun.WrittenCount == 0)
        {
            format.Write(piece, _at, "info"u8, output);
            return;
        }

        _begun.Write(piece);
        format.Write(_begun.WrittenSpan, _at, "info"u8, output);
        _begun.ResetWrittenCount();
    }

    private void Format(string notice) => format.Write(Encoding.UTF8.GetBytes(notice), _at, "warn"u8, output);

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
}
