using System.Collections.Immutable;
using System.Globalization;
using Microsoft.OpenApi;
using OrleansInstances.Gateway.Errors;
using OrleansInstances.Gateway.OpenApi;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Gateway.Dialects.Starpod;

/// <summary>What GET …/events asks for.</summary>
/// <param name="Events">Which of the instance's events.</param>
/// <param name="After">Only sequences above this one.</param>
/// <param name="Limit">At most this many.</param>
internal sealed record EventsQuery(EventQuery Events, long After, int Limit)
{
    private const int MaxLimit = 10_000;

    public static readonly ImmutableArray<QueryParameter> Parameters =
    [
        new("after", JsonSchemaType.Integer, "Only sequences above this one."),
        new("limit", JsonSchemaType.Integer, "At most this many, 1 to 10000."),
        new("type", JsonSchemaType.String, "A type of event; any of several.", Many: true),
        new("since", JsonSchemaType.String, "Only what happened then or later: unix seconds or RFC 3339."),
        new("until", JsonSchemaType.String, "Only what happened before then, likewise."),
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

        if (!QueryTime.TryRead(query, "since", out var since))
        {
            return ApiError.Invalid("since must be unix seconds or an RFC 3339 time.");
        }

        if (!QueryTime.TryRead(query, "until", out var until))
        {
            return ApiError.Invalid("until must be unix seconds or an RFC 3339 time.");
        }

        ImmutableHashSet<string> types = [.. query["type"].OfType<string>()];
        return new EventsQuery(new EventQuery { Types = types.IsEmpty ? null : types, Since = since, Until = until }, after, limit);
    }
}
