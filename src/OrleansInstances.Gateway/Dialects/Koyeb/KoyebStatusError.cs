using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansInstances.Gateway.Errors;

namespace OrleansInstances.Gateway.Dialects.Koyeb;

/// <summary>An error with a status that koyeb's document has no form for: a google.rpc.Status.</summary>
/// <param name="Code">gRPC's.</param>
/// <param name="Details">None.</param>
internal sealed record KoyebStatusError(
    [property: JsonPropertyName("code")] int Code,
    [property: JsonPropertyName("message")] string Message,
    [property: JsonPropertyName("details")] IReadOnlyList<JsonElement> Details) : IResult
{
    private const int Unknown = 2;
    private const int DeadlineExceeded = 4;
    private const int Unimplemented = 12;

    private int _status;

    /// <summary>Whether no documented status would do for this one.</summary>
    public static bool IsNeededFor(int status) => status is
        StatusCodes.Status405MethodNotAllowed or StatusCodes.Status408RequestTimeout or StatusCodes.Status415UnsupportedMediaType
        or StatusCodes.Status431RequestHeaderFieldsTooLarge;

    public static KoyebStatusError Of(ApiError error)
    {
        var code = error.Status switch
        {
            StatusCodes.Status405MethodNotAllowed => Unimplemented,
            StatusCodes.Status408RequestTimeout => DeadlineExceeded,
            _ => Unknown,
        };
        return new(code, error.Text, []) { _status = error.Status };
    }

    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = _status;
        return httpContext.Response.WriteAsJsonAsync(this, KoyebErrorJson.Wire.KoyebStatusError, contentType: null, httpContext.RequestAborted);
    }
}
