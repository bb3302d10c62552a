namespace OrleansInstances.Gateway.Errors;

/// <summary>What an answer says of the change that was asked for.</summary>
internal enum Outcome
{
    Done = 0,

    /// <summary>Refused, for this time or for good: nothing was changed.</summary>
    NotDone = 1,

    Unknown = 2,
}

internal static class Outcomes
{
    public static Outcome OfStatus(int status) => status switch
    {
        < StatusCodes.Status400BadRequest => Outcome.Done,
        < StatusCodes.Status500InternalServerError or StatusCodes.Status503ServiceUnavailable => Outcome.NotDone,
        _ => Outcome.Unknown,
    };

    /// <summary>What the route's dialect has just answered.</summary>
    public static Outcome OutcomeOf(this HttpContext context, ReadOnlyMemory<byte> body) =>
        context.GetEndpoint()?.Metadata.GetMetadata<IErrorForm>() is { } form ? form.OutcomeOf(body) : OfStatus(context.Response.StatusCode);
}
