using System.Collections.Immutable;
using Microsoft.OpenApi;
using OrleansInstances.Gateway.Errors;
using OrleansInstances.Gateway.Instances;
using OrleansInstances.Gateway.OpenApi;
using OrleansInstances.Instances;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Gateway.Dialects.Starpod;

/// <summary>What GET /api/instances filters by, and its pages.</summary>
internal static class ListQuery
{
    public static readonly ImmutableArray<QueryParameter> Parameters =
    [
        Pages.Limit,
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

        if (Pages.ReadLimit(query, out var limit) is { } noLimit)
        {
            return noLimit;
        }

        var after = 0;
        if (query["after"] is [var afterText, ..] && !Pages.TryCount(afterText, 0, int.MaxValue, out after))
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
            Limit = limit,
            After = after,
        };
    }

    private static string? First(IQueryCollection query, string name) => query[name] is [var value, ..] ? value : null;
}
