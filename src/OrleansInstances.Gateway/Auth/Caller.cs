using Microsoft.AspNetCore.Http.Features;

namespace OrleansInstances.Gateway.Auth;

/// <summary>Who sent a request, as its key says.</summary>
/// <param name="Owner">Whose instances it creates.</param>
/// <param name="KeyId">The stored key; null for the one of OI_API_KEY, which is stored nowhere.</param>
public sealed record Caller(string Owner, Guid? KeyId)
{
    /// <summary>The owner behind keys that are nobody's in particular.</summary>
    public const string Administrator = "admin";

    /// <summary>Gives endpoints the caller that <see cref="KeyMiddleware"/> let in.</summary>
    public static ValueTask<Caller> BindAsync(HttpContext context) =>
        ValueTask.FromResult(context.Features.GetRequiredFeature<Caller>());
}
