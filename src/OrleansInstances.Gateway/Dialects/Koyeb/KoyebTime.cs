using System.Globalization;
using System.Text.RegularExpressions;

namespace OrleansInstances.Gateway.Dialects.Koyeb;

/// <summary>Times as koyeb's clients read and write them.</summary>
internal static partial class KoyebTime
{
    private const int TickDigits = 7;

    /// <summary>In UTC and to the millisecond, which is what lists are ordered by.</summary>
    public static DateTime Of(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMillisecond), DateTimeKind.Utc);

    /// <inheritdoc cref="Of(DateTimeOffset)"/>
    public static DateTime? Of(DateTimeOffset? time) => time is { } known ? Of(known) : null;

    /// <summary>
    /// Reads RFC 3339, and what the generated Python client makes of a datetime: an offset without a colon, or none, which is
    /// UTC. A blank is the + of an offset that was sent without escaping it. Null for anything else.
    /// </summary>
    public static DateTimeOffset? Parse(string text)
    {
        var match = Form().Match(text);
        if (!match.Success
            || !DateTime.TryParseExact(match.Groups["clock"].Value.ToUpperInvariant(), "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var clock))
        {
            return null;
        }

        var fraction = match.Groups["fraction"].Value.PadRight(TickDigits, '0')[..TickDigits];
        var offset = match.Groups["hours"].Success
            ? new TimeSpan(int.Parse(match.Groups["hours"].Value, CultureInfo.InvariantCulture), int.Parse(match.Groups["minutes"].Value, CultureInfo.InvariantCulture), 0)
            : TimeSpan.Zero;
        var ticks = clock.Ticks + int.Parse(fraction, CultureInfo.InvariantCulture) + (match.Groups["sign"].Value == "-" ? offset.Ticks : -offset.Ticks);
        return ticks >= DateTimeOffset.MinValue.Ticks && ticks <= DateTimeOffset.MaxValue.Ticks ? new(ticks, TimeSpan.Zero) : null;
    }

    [GeneratedRegex(@"^(?<clock>\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d)(\.(?<fraction>\d{1,9}))?([Zz]|(?<sign>[+\- ])(?<hours>[01]\d|2[0-3]):?(?<minutes>[0-5]\d))?\z", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
