using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Net.Http.Headers;

namespace OrleansInstances.Gateway.Dialects.Chutes.Bodies;

/// <summary>A request's body: its bytes, which may be signed, and what they say.</summary>
/// <param name="Bytes">As they came.</param>
/// <param name="Json">Null when there is no body.</param>
/// <param name="Malformed">Why it is no JSON although it says so.</param>
internal sealed record RawBody(ReadOnlyMemory<byte> Bytes, JsonElement? Json, BodyFault? Malformed)
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 64 };

    /// <summary>A body that is a model only when it is said to be JSON, or nothing is said.</summary>
    public static Task<RawBody> ReadAsync(HttpRequest request, CancellationToken cancellationToken) => ReadAsync(request, IsJson(request), cancellationToken);

    /// <summary>A body that has no model: JSON, whatever it is said to be.</summary>
    public static Task<RawBody> ReadJsonAsync(HttpRequest request, CancellationToken cancellationToken) => ReadAsync(request, isJson: true, cancellationToken);

    private static async Task<RawBody> ReadAsync(HttpRequest request, bool isJson, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, cancellationToken);
        ReadOnlyMemory<byte> bytes = buffer.ToArray();
        if (bytes.IsEmpty)
        {
            return new RawBody(bytes, null, null);
        }

        if (!isJson)
        {
            // Whatever it is, it is none of the models; its text is what was sent.
            return new RawBody(bytes, JsonSerializer.SerializeToElement(Encoding.UTF8.GetString(bytes.Span), ChutesJson.Wire.String), null);
        }

        try
        {
            using var document = JsonDocument.Parse(bytes, Options);
            CheckText(document.RootElement);
            return new RawBody(bytes, document.RootElement.Clone(), null);
        }
        catch (JsonException malformed)
        {
            return new RawBody(bytes, null, Invalid(malformed.BytePositionInLine ?? 0, malformed.Message));
        }
        catch (InvalidOperationException noText)
        {
            return new RawBody(bytes, null, Invalid(0, noText.Message));
        }
    }

    /// <summary>An escaped half of a surrogate pair is well-formed JSON and no text.</summary>
    /// <exception cref="InvalidOperationException">There is one.</exception>
    public static void CheckText(JsonElement json)
    {
        using var nowhere = new Utf8JsonWriter(Stream.Null);
        json.WriteTo(nowhere);
    }

    private static BodyFault Invalid(long position, string error) =>
        new("json_invalid", ["body", position], "JSON decode error", new JsonObject(), new JsonObject { ["error"] = error });

    /// <summary>A body that doesn't say what it is, is JSON.</summary>
    private static bool IsJson(HttpRequest request) =>
        string.IsNullOrEmpty(request.ContentType)
        || (MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            && type.Type.Equals("application", StringComparison.OrdinalIgnoreCase)
            && (type.SubType.Equals("json", StringComparison.OrdinalIgnoreCase) || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase)));
}
