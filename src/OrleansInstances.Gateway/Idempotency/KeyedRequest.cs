namespace OrleansInstances.Gateway.Idempotency;

/// <summary>Endpoint metadata: what becomes of a request with an idempotency key. Without it the first answer is kept for all others.</summary>
internal sealed record KeyedRequest(KeyedAs As);

internal enum KeyedAs
{
    /// <summary>The key is not looked at.</summary>
    Nothing = 0,

    /// <summary>The answer has a secret in it and is kept nowhere.</summary>
    Secret = 1,

    /// <summary>Carried out again for the same <see cref="ReservedRequest"/> it does nothing more: an unknown outcome is found out that way.</summary>
    Repeatable = 2,
}

/// <summary>Request feature: what the request was reserved as.</summary>
/// <param name="Id">The same each time that it is sent again, and no other request's.</param>
internal sealed record ReservedRequest(Guid Id);

internal static class KeyedRequests
{
    public static RouteHandlerBuilder WithKeyAs(this RouteHandlerBuilder route, KeyedAs use) => route.WithMetadata(new KeyedRequest(use));

    public static bool IsKeyedAs(this HttpContext context, KeyedAs use) => context.GetEndpoint()?.Metadata.GetMetadata<KeyedRequest>()?.As == use;
}
