namespace OrleansInstances.Gateway.OpenApi;

/// <summary>What a route says of itself in the API's description, beside its path and method.</summary>
internal static class RouteDescription
{
    /// <param name="route">Which one.</param>
    /// <param name="name">Unique; generated clients call their method by it.</param>
    /// <param name="summary">A sentence.</param>
    public static RouteHandlerBuilder Describe(this RouteHandlerBuilder route, string name, string summary) =>
        route.WithName(name).WithSummary(summary);

    /// <summary>The body it answers with when all is well.</summary>
    public static RouteHandlerBuilder Answers<T>(this RouteHandlerBuilder route, int status = StatusCodes.Status200OK) =>
        route.Produces<T>(status);

    /// <summary>The body of any status that nothing else is said of.</summary>
    public static RouteHandlerBuilder AnswersElse<T>(this RouteHandlerBuilder route) => route.WithMetadata(new DefaultAnswer(typeof(T)));

    /// <summary>Bytes or text that no schema describes.</summary>
    public static RouteHandlerBuilder AnswersRaw(this RouteHandlerBuilder route, params string[] contentTypes) =>
        route.Produces<Stream>(StatusCodes.Status200OK, contentTypes[0], contentTypes[1..]);

    public static RouteHandlerBuilder AnswersNothing(this RouteHandlerBuilder route) => route.Produces(StatusCodes.Status204NoContent);

    public static RouteHandlerBuilder Takes<T>(this RouteHandlerBuilder route)
        where T : notnull => route.WithMetadata(new RequestBody(typeof(T)));

    /// <summary>Takes bytes of any kind.</summary>
    public static RouteHandlerBuilder TakesBytes(this RouteHandlerBuilder route) => route.WithMetadata(new RequestBody(Type: null));

    public static RouteHandlerBuilder TakesQuery(this RouteHandlerBuilder route, params IEnumerable<QueryParameter> parameters) =>
        route.WithMetadata([.. parameters]);
}
