using System.Globalization;

namespace OrleansInstances.Gateway.Dialects.Starpod;

/// <summary>Times in queries.</summary>
internal static class QueryTime
{
    /// <summary>Unix seconds, or RFC 3339; null for what is neither.</summary>
    public static DateTimeOffset? Parse(string text)
    {
        if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds))
        {
            return seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
                ? DateTimeOffset.UnixEpoch.AddTicks((long)(seconds * TimeSpan.TicksPerSecond))
                : null;
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
    }

    /// <summary>Reads a parameter; false for one that is no time.</summary>
    /// <param name="query">The request's.</param>
    /// <param name="name">Which parameter.</param>
    /// <param name="time">Null when it is not there.</param>
    public static bool TryRead(IQueryCollection query, string name, out DateTimeOffset? time)
    {
        time = query[name] is [{ } text, ..] ? Parse(text) : null;
        return time is not null || !query.ContainsKey(name);
    }
}
