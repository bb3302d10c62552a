using System.Globalization;
using Orleans.Runtime;

namespace OrleansInstances.EmbeddedEngine.State;

/// <summary>
/// A grain's key in three columns, as Orleans fills them: a Guid in both numbers, an integer in the second, either with
/// what follows its '+' as extension; any other key is all extension.
/// </summary>
internal readonly record struct AdoNetKey(long N0, long N1, string? Extension)
{
    private const int GuidLength = 32;

    public static AdoNetKey Of(GrainId grainId)
    {
        var text = grainId.Key.ToString()!;
        if ((text.Length == GuidLength || (text.Length > GuidLength && text[GuidLength] == '+'))
            && Guid.TryParseExact(text.AsSpan(0, GuidLength), "N", out var guid))
        {
            var bytes = guid.ToByteArray();
            return new(BitConverter.ToInt64(bytes, 0), BitConverter.ToInt64(bytes, 8), text.Length == GuidLength ? null : text[(GuidLength + 1)..]);
        }

        var plus = text.IndexOf('+', StringComparison.Ordinal);
        return long.TryParse(plus < 0 ? text : text.AsSpan(0, plus), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)
            ? new(0, number, plus < 0 ? null : text[(plus + 1)..])
            : new(0, 0, text);
    }
}
