namespace OrleansInstances.Gateway.Errors;

/// <summary>Endpoint metadata: how the dialect of a route words an error, whoever met it. Routes without it have <see cref="ApiError"/>'s own form.</summary>
internal interface IErrorForm
{
    Task WriteAsync(HttpContext context, ApiError error);
}

internal static class ErrorForms
{
    /// <summary>Answers with an error in the form of the route's dialect.</summary>
    public static Task WriteErrorAsync(this HttpContext context, ApiError error) =>
        context.GetEndpoint()?.Metadata.GetMetadata<IErrorForm>() is { } form ? form.WriteAsync(context, error) : error.ExecuteAsync(context);
}
