using System.Collections.Immutable;
using System.Globalization;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.OpenApi;
using OrleansInstances.Gateway.Errors;
using OrleansInstances.Gateway.OpenApi;
using OrleansInstances.Instances;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Gateway.Dialects.Starpod;

/// <summary>What GET /api/instances filters by, and its pages.</summary>
internal static class ListQuery
{
    public const int MaxLimit = 10_000;

    public static readonly ImmutableArray<QueryParameter> Parameters =
    [
        new("limit", JsonSchemaType.Integer, "At most this many, 1 to 10000; without it all. The Link header has the next page."),
        new("after", JsonSchemaType.Integer, "Only numbers above this one."),
        new("status", JsonSchemaType.String, "A status or a state; any of several.", Many: true),
        new("region", JsonSchemaType.String, "The region asked for."),
        new("name", JsonSchemaType.String, "The whole name."),
        new("label", JsonSchemaType.String, "key:value; all of several.", Many: true),
    ];

    public static Parsed<CatalogQuery> Read(IQueryCollection query)
    {
        if (query.Fault() is { } fault)
        {
            return fault;
        }

        var limit = 0;
        if (query["limit"] is [var limitText, ..] && !TryCount(limitText, 1, MaxLimit, out limit))
        {
            return ApiError.Invalid($"limit must be 1 to {MaxLimit}.");
        }

        var after = 0;
        if (query["after"] is [var afterText, ..] && !TryCount(afterText, 0, int.MaxValue, out after))
        {
            return ApiError.Invalid("after must be the number of the last instance seen.");
        }

        var statuses = ImmutableHashSet<InstanceStatus>.Empty;
        foreach (var word in query["status"])
        {
            if (StarpodStatus.Read(word ?? "") is not { } meant)
            {
                return ApiError.Invalid($"status: \"{word}\" is neither a status nor a state.");
            }

            statuses = statuses.Union(meant);
        }

        var labels = ImmutableDictionary<string, string>.Empty;
        foreach (var label in query["label"])
        {
            if (label?.Split(':', 2) is not [var key, var value] || (labels.TryGetValue(key, out var other) && other != value))
            {
                return ApiError.Invalid("label must be key:value, each key once.");
            }

            labels = labels.SetItem(key, value);
        }

        return new CatalogQuery
        {
            Statuses = statuses,
            Region = First(query, "region"),
            Name = First(query, "name"),
            Labels = labels,
            Limit = limit == 0 ? null : limit,
            After = after,
        };
    }

    /// <summary>The Link header to the page behind <paramref name="last"/>, relative to the request's own address.</summary>
    public static string NextPage(HttpRequest request, int last)
    {
        var parameters = request.Query.Where(parameter => parameter.Key != "after").SelectMany(
            parameter => parameter.Value, (parameter, value) => KeyValuePair.Create(parameter.Key, value ?? ""));
        var next = new QueryBuilder(parameters) { { "after", last.ToString(CultureInfo.InvariantCulture) } };
        return $"<{request.PathBase.ToUriComponent()}{request.Path.ToUriComponent()}{next}>; rel=\"next\"";
    }

    private static string? First(IQueryCollection query, string name) => query[name] is [var value, ..] ? value : null;

    private static bool TryCount(string? text, int least, int most, out int count) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count >= least && count <= most;
}
