using System.Text.Json.Serialization;
using OrleansInstances.Instances;

namespace OrleansInstances.Gateway.Dialects.Ksm;

/// <summary>The envelope of every answer. The outcome is in <paramref name="Status"/>; HTTP says 200, for the dialect's clients look into no other answer.</summary>
/// <param name="Status">A number in the manner of HTTP.</param>
/// <param name="Message">For people.</param>
internal sealed record KsmReply(
    [property: JsonPropertyName("status")] int Status,
    [property: JsonPropertyName("message")] string Message)
{
    public static KsmReply Forbidden { get; } = new(StatusCodes.Status403Forbidden, "Forbidden!");

    public static KsmReply TooManyAttempts { get; } = new(StatusCodes.Status429TooManyRequests, "Too many attempts!");

    /// <summary>No path, or no method, of this name.</summary>
    public static KsmReply NotFound { get; } = new(StatusCodes.Status404NotFound, "Not found!");

    public static KsmReply NoSuchInstance { get; } = new(StatusCodes.Status404NotFound, "Instance not found!");

    public static KsmReply NotStarted { get; } = Failure("Server is not started");

    /// <summary>No <c>instance_id</c> or <c>user_data</c> in the body. The engine spells it differently from <see cref="BadArguments"/>.</summary>
    public static KsmReply NoData { get; } = new(StatusCodes.Status400BadRequest, "Bad Request!");

    public static KsmReply BadArguments { get; } = new(StatusCodes.Status400BadRequest, "Bad request!");

    public static KsmReply Failure(string message) => new(StatusCodes.Status500InternalServerError, message);

    /// <summary>A refusal that the dialect has no words of its own for.</summary>
    public static KsmReply Of(Refusal refusal) => refusal.Kind switch
    {
        RefusalKind.NotFound => NoSuchInstance,
        RefusalKind.Invalid => new(StatusCodes.Status400BadRequest, refusal.Message),
        RefusalKind.Unavailable => new(StatusCodes.Status503ServiceUnavailable, refusal.Message),
        _ => Failure(refusal.Message),
    };

    public IResult ToResult(int httpStatus = StatusCodes.Status200OK) => TypedResults.Json(this, KsmJson.Wire.KsmReply, statusCode: httpStatus);
}
