using System.Globalization;
using OrleansInstances.Gateway.Errors;

namespace OrleansInstances.Gateway.Dialects.Starpod;

/// <summary>What GET …/events asks for.</summary>
/// <param name="After">Only sequences above this one.</param>
/// <param name="Limit">At most this many.</param>
/// <param name="Types">Only these; null is all.</param>
internal sealed record EventsQuery(long After, int Limit, IReadOnlyCollection<string>? Types)
{
    private const int MaxLimit = 10_000;

    public static Parsed<EventsQuery> Read(IQueryCollection query)
    {
        var after = 0L;
        if (query["after"] is [var afterText, ..] && !long.TryParse(afterText, NumberStyles.None, CultureInfo.InvariantCulture, out after))
        {
            return ApiError.Invalid("after must be the sequence of the last event seen.");
        }

        var limit = MaxLimit;
        if (query["limit"] is [var limitText, ..]
            && (!int.TryParse(limitText, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > MaxLimit))
        {
            return ApiError.Invalid($"limit must be 1 to {MaxLimit}.");
        }

        var types = query["type"].OfType<string>().ToList();
        return new EventsQuery(after, limit, types.Count == 0 ? null : types);
    }
}
