using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace OrleansInstances.Gateway.Dialects.Chutes.Bodies;

/// <summary>Something wrong with a request, as clients of FastAPI know it.</summary>
/// <param name="Type">A word of pydantic's.</param>
/// <param name="Location">The part of the request, then names and indices.</param>
/// <param name="Message">For people.</param>
/// <param name="Input">What was sent there.</param>
/// <param name="Context">What the message was made of.</param>
internal sealed record BodyFault(
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("loc")] JsonArray Location,
    [property: JsonPropertyName("msg")] string Message,
    [property: JsonPropertyName("input")] JsonNode? Input,
    [property: JsonPropertyName("ctx"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JsonObject? Context = null)
{
    public static BodyFault Missing(JsonArray location, JsonNode? input) => new("missing", location, "Field required", input);
}

/// <summary>422: everything that is wrong with a request.</summary>
internal sealed record BodyFaults([property: JsonPropertyName("detail")] IReadOnlyList<BodyFault> Faults) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return httpContext.Response.WriteAsJsonAsync(this, ChutesJson.Wire.BodyFaults, contentType: null, httpContext.RequestAborted);
    }
}
