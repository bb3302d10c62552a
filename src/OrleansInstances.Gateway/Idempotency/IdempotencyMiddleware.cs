using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using OrleansInstances.Gateway.Auth;

namespace OrleansInstances.Gateway.Idempotency;

/// <summary>Hands POSTs under /api that carry an idempotency key to <see cref="IdempotentRequests"/>, once their API key has been found good.</summary>
internal sealed class IdempotencyMiddleware(RequestDelegate next, IdempotentRequests requests)
{
    /// <summary>Not where a dialect checks keys itself: it is the dialect that knows the sender.</summary>
    public static bool Concerns(HttpContext context) =>
        IdempotentRequests.Concerns(context.Request)
        && context.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase)
        && context.GetEndpoint()?.Metadata.GetMetadata<RouteAccess>() is { Check: KeyCheck.Headers }
        && !context.IsKeyedAs(KeyedAs.Nothing);

    public async Task InvokeAsync(HttpContext context)
    {
        var body = await ReadAsync(context.Request, context.RequestAborted);
        context.Request.Body = new MemoryStream(body, writable: false);

        // Bodies may hold passwords: only who knows the key could find out from the hash what was in it.
        var secret = Encoding.UTF8.GetBytes(KeyMiddleware.KeyOf(context.Request.Headers)!);
        var hash = HMACSHA256.HashData(secret, body);
        var caller = context.Features.GetRequiredFeature<Caller>();
        await requests.RunAsync(context, caller.KeyId ?? Guid.Empty, hash, () => next(context));
    }

    /// <summary>The whole body, which the server bounds.</summary>
    private static async Task<byte[]> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, cancellationToken);
        return body.ToArray();
    }
}
