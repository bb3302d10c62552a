namespace OrleansInstances.Gateway.Auth;

/// <summary>Endpoint metadata: which key opens a route. A route without it is the administrator's.</summary>
/// <param name="Scopes">What the key must have.</param>
/// <param name="Check">Who asks for it.</param>
internal sealed record RouteAccess(Scopes Scopes, KeyCheck Check);

internal enum KeyCheck
{
    /// <summary><see cref="KeyMiddleware"/>, in the request's headers.</summary>
    Headers = 0,

    /// <summary>The route itself: its dialect sends keys in another place.</summary>
    Route = 1,

    /// <summary>Nobody: open to all.</summary>
    None = 2,
}

internal static class RouteAccessExtensions
{
    public static TBuilder RequireScope<TBuilder>(this TBuilder routes, Scopes scopes)
        where TBuilder : IEndpointConventionBuilder => routes.WithMetadata(new RouteAccess(scopes, KeyCheck.Headers));

    public static TBuilder ChecksKeysItself<TBuilder>(this TBuilder routes)
        where TBuilder : IEndpointConventionBuilder => routes.WithMetadata(new RouteAccess(Scopes.None, KeyCheck.Route));

    public static TBuilder OpenToAll<TBuilder>(this TBuilder routes)
        where TBuilder : IEndpointConventionBuilder => routes.WithMetadata(new RouteAccess(Scopes.None, KeyCheck.None));
}
