using System.Globalization;
using System.Text.RegularExpressions;
using NJsonSchema;
using NSwag;

namespace OrleansInstances.Gateway.Tests.OpenApi;

/// <summary>
/// The API's description as a client's generator reads it. Every answer that any test of this project gets is held against
/// it: what a generated client would choke on fails the test that saw it.
/// </summary>
internal sealed class DescribedApi
{
    private static DescribedApi? _known;

    private readonly List<(Regex Path, OpenApiPathItem Routes)> _routes;

    private DescribedApi(OpenApiDocument document)
    {
        Document = document;

        // A path without parameters is tried before one that would take its words for a parameter.
        _routes = [.. document.Paths
            .OrderBy(path => path.Key.Count(c => c == '{'))
            .Select(path => (new Regex($"^{Regex.Replace(Regex.Escape(path.Key), @"\\\{[^}]*}", "[^/]+")}/?$"), path.Value))];
    }

    public OpenApiDocument Document { get; }

    /// <summary>Read once for all tests: the description does not depend on settings.</summary>
    public static async Task<DescribedApi> ReadAsync(HttpClient http) =>
        _known ??= new DescribedApi(await OpenApiDocument.FromJsonAsync(await http.GetStringAsync("/openapi/v1.json")));

    /// <summary>Fails when an answer of a described route is not as described.</summary>
    public void Check(string method, string path, int status, string? contentType, string body)
    {
        var routes = _routes.FirstOrDefault(route => route.Path.IsMatch(path)).Routes;
        if (routes is null || !routes.TryGetValue(method.ToLowerInvariant(), out var operation))
        {
            return;
        }

        var what = $"{method} {path} answered {status}";
        var responses = operation.ActualResponses;
        var found = responses.TryGetValue(status.ToString(CultureInfo.InvariantCulture), out var response)
            || responses.TryGetValue("default", out response);
        Assert.True(found, $"{what}, which the description doesn't know.");
        if (response!.Content.Count == 0)
        {
            Assert.True(body.Length == 0, $"{what} with a body, which the description doesn't know: {body}");
            return;
        }

        Assert.True(contentType is not null && response.Content.ContainsKey(contentType), $"{what} as {contentType}, which the description doesn't know.");
        if (contentType == "application/json" && response.Content[contentType].Schema is { } schema)
        {
            var faults = schema.ActualSchema.Validate(body, SchemaType.OpenApi3);
            Assert.True(faults.Count == 0, $"{what} not as described: {string.Join("; ", faults)}\n{body}");
        }
    }
}
