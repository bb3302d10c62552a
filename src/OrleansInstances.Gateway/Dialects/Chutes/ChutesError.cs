using System.Globalization;
using System.Text.Json.Serialization;
using OrleansInstances.Gateway.Errors;
using OrleansInstances.Launches;

namespace OrleansInstances.Gateway.Dialects.Chutes;

/// <summary>An error as this dialect words it: <c>{"detail": text}</c>.</summary>
/// <param name="Detail">For people, and for clients that know the text.</param>
internal sealed record ChutesError([property: JsonPropertyName("detail")] string Detail) : IResult
{
    [JsonIgnore]
    public int Status { get; init; } = StatusCodes.Status500InternalServerError;

    public static ChutesError NotFound(string detail) => new(detail) { Status = StatusCodes.Status404NotFound };

    public static ChutesError Unauthorized(string detail) => new(detail) { Status = StatusCodes.Status401Unauthorized };

    public static ChutesError BadRequest(string detail) => new(detail) { Status = StatusCodes.Status400BadRequest };

    public static ChutesError TooMany(string detail) => new(detail) { Status = StatusCodes.Status429TooManyRequests };

    public static ChutesError Unavailable(string detail) => new(detail) { Status = StatusCodes.Status503ServiceUnavailable };

    public static ChutesError Of(LaunchRefusal refusal) => new(refusal.Message)
    {
        Status = refusal.Kind switch
        {
            LaunchRefusalKind.Unauthorized => StatusCodes.Status401Unauthorized,
            LaunchRefusalKind.NotFound => StatusCodes.Status404NotFound,
            LaunchRefusalKind.Forbidden => StatusCodes.Status403Forbidden,
            LaunchRefusalKind.Invalid => StatusCodes.Status400BadRequest,
            LaunchRefusalKind.Conflict => StatusCodes.Status409Conflict,
            LaunchRefusalKind.AtCapacity => StatusCodes.Status423Locked,
            LaunchRefusalKind.TooMany => StatusCodes.Status429TooManyRequests,
            _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal.Kind, "No status for this kind."),
        },
    };

    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = Status;
        return httpContext.Response.WriteAsJsonAsync(this, ChutesJson.Wire.ChutesError, contentType: null, httpContext.RequestAborted);
    }
}

/// <summary>Words errors that no handler foresaw.</summary>
internal sealed class ChutesErrorForm : IErrorForm
{
    public Task WriteAsync(HttpContext context, ApiError error)
    {
        if (error.RetryAfterSeconds is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        var detail = error.Code is "outcome_unknown" ? "No answer; whether it was done is unknown." : error.Text;
        return new ChutesError(detail) { Status = error.Status }.ExecuteAsync(context);
    }

    /// <summary>No route of this dialect takes idempotency keys.</summary>
    public Outcome OutcomeOf(ReadOnlyMemory<byte> body) => Outcome.Unknown;
}
