using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace OrleansInstances.Gateway.Errors;

/// <summary>Reads a request's JSON body and says precisely what is wrong with it.</summary>
internal static class JsonBody
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 16 };

    /// <summary>Not JSON 415, malformed or too deep 400, another type than expected 422.</summary>
    public static async Task<Parsed<T>> ReadJsonAsync<T>(this HttpRequest request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        if (!request.HasJsonContentType())
        {
            return ApiError.OfStatus(StatusCodes.Status415UnsupportedMediaType);
        }

        try
        {
            using var document = await JsonDocument.ParseAsync(request.Body, Strict, cancellationToken);
            return Convert(document.RootElement, type);
        }
        catch (JsonException malformed)
        {
            return new ApiError(StatusCodes.Status400BadRequest, "malformed_json", $"The body is not JSON that can be read: {malformed.Message}");
        }
    }

    private static Parsed<T> Convert<T>(JsonElement body, JsonTypeInfo<T> type)
        where T : class
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            return ApiError.Invalid("The body must be a JSON object.", "wrong_type");
        }

        try
        {
            return body.Deserialize(type)!;
        }
        catch (JsonException mismatch)
        {
            var field = mismatch.Path is { Length: > 2 } path ? path[2..] : "body";
            return ApiError.Invalid($"\"{field}\" has the wrong type, or text that is no Unicode.", "wrong_type");
        }
    }
}
