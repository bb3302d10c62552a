using System.Collections.Immutable;
using System.Globalization;
using Microsoft.OpenApi;
using OrleansInstances.Gateway.Errors;
using OrleansInstances.Gateway.OpenApi;

namespace OrleansInstances.Gateway.Dialects.Starpod;

/// <summary>What GET …/events asks for.</summary>
/// <param name="After">Only sequences above this one.</param>
/// <param name="Limit">At most this many.</param>
/// <param name="Types">Only these; null is all.</param>
internal sealed record EventsQuery(long After, int Limit, IReadOnlyCollection<string>? Types)
{
    private const int MaxLimit = 10_000;

    public static readonly ImmutableArray<QueryParameter> Parameters =
    [
        new("after", JsonSchemaType.Integer, "Only sequences above this one."),
        new("limit", JsonSchemaType.Integer, "At most this many, 1 to 10000."),
        new("type", JsonSchemaType.String, "A type of event; any of several.", Many: true),
    ];

    public static Parsed<EventsQuery> Read(IQueryCollection query)
    {
        if (query.Fault() is { } fault)
        {
            return fault;
        }

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
