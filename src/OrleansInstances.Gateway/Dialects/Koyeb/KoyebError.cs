using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansInstances.Gateway.Errors;

namespace OrleansInstances.Gateway.Dialects.Koyeb;

/// <summary>An error as koyeb words it: <c>{"status","code","message"}</c>, and <c>"fields"</c> with status 400.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Fields">What is wrong with which; null but for 400.</param>
internal sealed record KoyebError(
    [property: JsonPropertyName("status")] int Status,
    [property: JsonPropertyName("code")] string Code,
    [property: JsonPropertyName("message")] string Message,
    [property: JsonPropertyName("fields")] IReadOnlyList<KoyebField>? Fields = null) : IResult
{
    /// <summary>A parameter that makes no sense.</summary>
    public static KoyebError Invalid(string field, string description) => Invalid([new KoyebField(field, description)]);

    /// <summary>All that is wrong with a request.</summary>
    public static KoyebError Invalid(IReadOnlyList<KoyebField> fields) => new(
        StatusCodes.Status400BadRequest, "invalid_argument", string.Join("; ", fields.Select(field => $"{field.Field}: {field.Description}")), fields);

    /// <summary>The status of koyeb's document that says it best.</summary>
    public static KoyebError Of(ApiError error) => error.Status switch
    {
        StatusCodes.Status400BadRequest or StatusCodes.Status422UnprocessableEntity or StatusCodes.Status413PayloadTooLarge =>
            new(StatusCodes.Status400BadRequest, "invalid_argument", error.Text, []),
        StatusCodes.Status401Unauthorized => new(error.Status, "unauthorized", error.Text),
        StatusCodes.Status403Forbidden => new(error.Status, "forbidden", error.Text),
        StatusCodes.Status404NotFound => new(error.Status, "not_found", error.Text),
        StatusCodes.Status409Conflict => new(StatusCodes.Status400BadRequest, "failed_precondition", error.Text, []),
        StatusCodes.Status429TooManyRequests => new(error.Status, "rate_limit_exceeded", "Rate limit exceeded"),
        StatusCodes.Status503ServiceUnavailable => new(error.Status, "unavailable", error.Text),
        StatusCodes.Status504GatewayTimeout => new(StatusCodes.Status503ServiceUnavailable, "unavailable", error.Text),
        _ => new(StatusCodes.Status500InternalServerError, "internal_error", error.Text),
    };

    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = Status;
        return httpContext.Response.WriteAsJsonAsync(this, KoyebErrorJson.Wire.KoyebError, contentType: null, httpContext.RequestAborted);
    }
}

internal sealed record KoyebField(
    [property: JsonPropertyName("field")] string Field,
    [property: JsonPropertyName("description")] string Description);

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(KoyebError))]
[JsonSerializable(typeof(KoyebStatusError))]
internal sealed partial class KoyebErrorJson : JsonSerializerContext
{
    public static KoyebErrorJson Wire { get; } = new(new JsonSerializerOptions
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}

/// <summary>Words errors that no handler foresaw.</summary>
internal sealed class KoyebErrorForm : IErrorForm
{
    public Task WriteAsync(HttpContext context, ApiError error)
    {
        if (error.RetryAfterSeconds is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        IResult answer = KoyebStatusError.IsNeededFor(error.Status) ? KoyebStatusError.Of(error) : KoyebError.Of(error);
        return answer.ExecuteAsync(context);
    }

    public Outcome OutcomeOf(ReadOnlyMemory<byte> body)
    {
        using var error = JsonDocument.Parse(body);
        return Outcomes.OfStatus(error.RootElement.GetProperty("status").GetInt32());
    }
}
