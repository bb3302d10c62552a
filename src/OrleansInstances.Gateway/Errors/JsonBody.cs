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
        if (!(await request.ParseJsonAsync(Strict, cancellationToken)).TryGet(out var document, out var error))
        {
            return error;
        }

        using (document)
        {
            return Convert(document.RootElement, type);
        }
    }

    /// <summary>An object as it was sent: not JSON 415, malformed or too deep 400, no object 422.</summary>
    public static async Task<Parsed<JsonDocument>> ParseJsonAsync(this HttpRequest request, JsonDocumentOptions options, CancellationToken cancellationToken)
    {
        if (!request.HasJsonContentType())
        {
            return ApiError.OfStatus(StatusCodes.Status415UnsupportedMediaType);
        }

        try
        {
            var document = await JsonDocument.ParseAsync(request.Body, options, cancellationToken);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document;
            }

            document.Dispose();
            return ApiError.Invalid("The body must be a JSON object.", "wrong_type");
        }
        catch (JsonException malformed)
        {
            return new ApiError(StatusCodes.Status400BadRequest, "malformed_json", $"The body is not JSON that can be read: {malformed.Message}");
        }
    }

    private static Parsed<T> Convert<T>(JsonElement body, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return body.Deserialize(type)!;
        }
        catch (JsonException mismatch)
        {
            return ApiError.Invalid(mismatch.Words(), "wrong_type");
        }
    }

    /// <summary>What a reader says that found another type than expected.</summary>
    public static string Words(this JsonException mismatch) =>
        $"\"{(mismatch.Path is { Length: > 2 } path ? path[2..] : "body")}\" has the wrong type, or text that is no Unicode.";
}
