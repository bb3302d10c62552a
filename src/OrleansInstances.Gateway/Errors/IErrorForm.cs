namespace OrleansInstances.Gateway.Errors;

/// <summary>Endpoint metadata: how the dialect of a route words an error, whoever met it. Routes without it have <see cref="ApiError"/>'s own form.</summary>
internal interface IErrorForm
{
    Task WriteAsync(HttpContext context, ApiError error);

    /// <summary>What an answer of the dialect says was done.</summary>
    /// <param name="body">The whole of it.</param>
    Outcome OutcomeOf(ReadOnlyMemory<byte> body);
}

internal static class ErrorForms
{
    /// <summary>Answers with an error in the form of the route's dialect.</summary>
    public static Task WriteErrorAsync(this HttpContext context, ApiError error) =>
        context.GetEndpoint()?.Metadata.GetMetadata<IErrorForm>() is { } form ? form.WriteAsync(context, error) : error.ExecuteAsync(context);
}
