using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansInstances.Instances;

namespace OrleansInstances.Gateway.Errors;

/// <summary>An answer that says no: <c>{"error": text, "code": word}</c> with the HTTP status that fits.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">A stable word.</param>
/// <param name="Text">For people.</param>
/// <param name="RetryAfterSeconds">Sent as Retry-After when the same request may succeed later.</param>
public sealed record ApiError(int Status, string Code, string Text, int? RetryAfterSeconds = null) : IResult
{
    private const int RetrySoonSeconds = 1;

    public static ApiError NoSuchInstance { get; } = Of(Refusal.NotFound);

    /// <summary>A refused request: what sort of no it is decides the status.</summary>
    public static ApiError Of(Refusal refusal) => refusal.Kind switch
    {
        RefusalKind.NotFound => new(StatusCodes.Status404NotFound, refusal.Code, refusal.Message),
        RefusalKind.Conflict => new(StatusCodes.Status409Conflict, refusal.Code, refusal.Message),
        RefusalKind.Invalid => Invalid(refusal.Message, refusal.Code),
        RefusalKind.Unavailable => Unavailable(refusal.Code, refusal.Message),
        _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal.Kind, "No status for this kind."),
    };

    /// <summary>The request was understood and makes no sense.</summary>
    public static ApiError Invalid(string text, string code = "invalid") =>
        new(StatusCodes.Status422UnprocessableEntity, code, text);

    public static ApiError Unavailable(string code, string text) =>
        new(StatusCodes.Status503ServiceUnavailable, code, text, RetrySoonSeconds);

    public static ApiError OutcomeUnknown(string text) =>
        new(StatusCodes.Status504GatewayTimeout, "outcome_unknown", text);

    /// <summary>What a status that came without a body means.</summary>
    public static ApiError OfStatus(int status) => status switch
    {
        StatusCodes.Status404NotFound => new(status, "not_found", "There is nothing at this path."),
        StatusCodes.Status405MethodNotAllowed => new(status, "method_not_allowed", "This path does not take this method."),
        StatusCodes.Status408RequestTimeout => new(status, "request_timeout", "The request body came too slowly."),
        StatusCodes.Status413PayloadTooLarge => new(status, "body_too_large", "The request body is too large."),
        StatusCodes.Status415UnsupportedMediaType => new(status, "unsupported_media_type", "The request body must be JSON, with Content-Type: application/json."),
        _ => new(status, "bad_request", "The request can't be read."),
    };

    public Task ExecuteAsync(HttpContext httpContext)
    {
        WriteHeadTo(httpContext.Response);
        return httpContext.Response.WriteAsJsonAsync(new ErrorBody(Text, Code), ErrorJson.Wire.ErrorBody, contentType: null, httpContext.RequestAborted);
    }

    /// <summary>Status and headers, for an answer that says more than this one.</summary>
    public void WriteHeadTo(HttpResponse response)
    {
        response.StatusCode = Status;
        if (RetryAfterSeconds is { } seconds)
        {
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }
    }
}

internal sealed record ErrorBody(
    [property: JsonPropertyName("error")] string Error,
    [property: JsonPropertyName("code")] string Code);

[JsonSerializable(typeof(ErrorBody))]
internal sealed partial class ErrorJson : JsonSerializerContext
{
    public static ErrorJson Wire { get; } = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
