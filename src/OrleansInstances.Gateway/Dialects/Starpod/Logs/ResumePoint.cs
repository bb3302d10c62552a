using System.Globalization;

namespace OrleansInstances.Gateway.Dialects.Starpod.Logs;

/// <summary>
/// Where a reader of lines goes on. Usually one offset; when a line of the other stream of a split console had begun
/// before it, that line's offset as well, written <c>from-end</c>.
/// </summary>
/// <param name="From">The first byte to read.</param>
/// <param name="End">Up to here the stream that the byte at <paramref name="From"/> does not belong to was given already.</param>
internal readonly record struct ResumePoint(long From, long End)
{
    public override string ToString() => From == End
        ? End.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{From}-{End}");

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static ResumePoint? Parse(string text)
    {
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        return TryRead(dash < 0 ? text : text[..dash], out var from) && TryRead(text[(dash + 1)..], out var end) && from <= end
            ? new ResumePoint(from, end)
            : null;
    }

    private static bool TryRead(string text, out long offset) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out offset);
}
