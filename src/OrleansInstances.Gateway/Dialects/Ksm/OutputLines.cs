using System.Text;

namespace OrleansInstances.Gateway.Dialects.Ksm;

/// <summary>Makes lines of the end of a console.</summary>
internal static class OutputLines
{
    /// <summary>As many as the engine keeps.</summary>
    public const int Most = 100;

    private const byte EndOfLine = (byte)'\n';

    /// <summary>The last lines, each with its end; what is not UTF-8 becomes U+FFFD.</summary>
    /// <param name="tail">The end of the console.</param>
    /// <param name="hasEnded">An unfinished last line stays as it is; otherwise it is left out until it is finished, for pollers compare whole lines.</param>
    public static IReadOnlyList<string> Of(OutputTail tail, bool hasEnded)
    {
        var rest = tail.Bytes.Span;
        if (!hasEnded)
        {
            rest = rest[..(rest.LastIndexOf(EndOfLine) + 1)];
        }

        if (tail.BeginsInLine)
        {
            rest = WithoutFragment(rest);
        }

        var lines = new List<string>();
        while (!rest.IsEmpty && lines.Count < Most)
        {
            var start = rest[..^1].LastIndexOf(EndOfLine) + 1;
            lines.Add(Encoding.UTF8.GetString(rest[start..]));
            rest = rest[..start];
        }

        lines.Reverse();
        return lines;
    }

    /// <summary>Drops the rest of a line at the front; when there is no other line, only the rest of a character.</summary>
    private static ReadOnlySpan<byte> WithoutFragment(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOf(EndOfLine);
        if (end >= 0 && end < text.Length - 1)
        {
            return text[(end + 1)..];
        }

        var start = 0;
        while (start < Math.Min(3, text.Length) && (text[start] & 0xC0) == 0x80)
        {
            start++;
        }

        return text[start..];
    }
}
