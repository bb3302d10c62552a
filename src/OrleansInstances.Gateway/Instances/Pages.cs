using System.Globalization;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.OpenApi;
using OrleansInstances.Gateway.Errors;
using OrleansInstances.Gateway.OpenApi;

namespace OrleansInstances.Gateway.Instances;

/// <summary>What lists of our own routes have in common: a limit, and a Link header to the next page.</summary>
internal static class Pages
{
    public const int MaxLimit = 10_000;

    public static QueryParameter Limit { get; } =
        new("limit", JsonSchemaType.Integer, "At most this many, 1 to 10000; without it all. The Link header has the next page.");

    /// <summary>The limit asked for, null for none; or why it is no limit.</summary>
    public static ApiError? ReadLimit(IQueryCollection query, out int? limit)
    {
        limit = null;
        if (query["limit"] is not [var text, ..])
        {
            return null;
        }

        if (!TryCount(text, 1, MaxLimit, out var count))
        {
            return ApiError.Invalid($"limit must be 1 to {MaxLimit}.");
        }

        limit = count;
        return null;
    }

    public static bool TryCount(string? text, int least, int most, out int count) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count >= least && count <= most;

    /// <summary>The Link header to the page behind <paramref name="last"/>, relative to the request's own address.</summary>
    public static string Next(HttpRequest request, string last)
    {
        var parameters = request.Query.Where(parameter => parameter.Key != "after").SelectMany(
            parameter => parameter.Value, (parameter, value) => KeyValuePair.Create(parameter.Key, value ?? ""));
        var next = new QueryBuilder(parameters) { { "after", last } };
        return $"<{request.PathBase.ToUriComponent()}{request.Path.ToUriComponent()}{next}>; rel=\"next\"";
    }
}
