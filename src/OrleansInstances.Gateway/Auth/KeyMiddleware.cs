using Microsoft.Extensions.Primitives;
using OrleansInstances.Gateway.Errors;

namespace OrleansInstances.Gateway.Auth;

/// <summary>
/// Asks for a key where the route calls for one (<see cref="RouteAccess"/>), and lets a request in that carries a good key,
/// as <c>X-API-Key</c> or <c>Authorization: Bearer</c>; the former decides when both are there. An address with too many
/// refused keys gets 429 for them, while good keys from there go on.
/// </summary>
internal sealed class KeyMiddleware(RequestDelegate next, KeyRing ring, KeyFailures failures)
{
    private const string KeyHeader = "X-API-Key";
    private const string Bearer = "Bearer ";

    private static readonly RouteAccess AdministratorsOnly = new(Scopes.Admin, KeyCheck.Headers);
    private static readonly RouteAccess AnyKey = new(Scopes.None, KeyCheck.Headers);
    private static readonly ApiError Missing = new(StatusCodes.Status401Unauthorized, "missing_key", "Missing API key — set X-API-Key header");
    private static readonly ApiError Wrong = new(StatusCodes.Status401Unauthorized, "invalid_key", "Invalid API key");

    public Task InvokeAsync(HttpContext context)
    {
        var access = AccessTo(context);
        if (access.Check != KeyCheck.Headers)
        {
            return next(context);
        }

        if ((KeyOf(context.Request.Headers) ?? context.GetEndpoint()?.Metadata.GetMetadata<IKeyPlace>()?.KeyOf(context.Request)) is not { } key)
        {
            return RefuseAsync(context, Missing);
        }

        // A key that memory knows, which is nearly every one, costs no state machine.
        var found = ring.FindAsync(key, context.RequestAborted);
        return found.IsCompletedSuccessfully ? LetInAsync(context, access, found.Result) : LookUpAsync(context, access, found);
    }

    private async Task LookUpAsync(HttpContext context, RouteAccess access, ValueTask<Caller?> found) =>
        await LetInAsync(context, access, await found);

    private Task LetInAsync(HttpContext context, RouteAccess access, Caller? caller)
    {
        if (caller is not { UserId: null })
        {
            return RefuseAsync(context, Wrong);
        }

        if (!caller.May(access.Scopes))
        {
            return context.WriteErrorAsync(new ApiError(
                StatusCodes.Status403Forbidden, "scope_missing", $"This takes a key with the scope {string.Join(" and ", ScopeWords.Format(access.Scopes))}."));
        }

        context.Features.Set(caller);
        return next(context);
    }

    /// <summary>A path that leads nowhere, or takes another method, is anyone's who has a key.</summary>
    private static RouteAccess AccessTo(HttpContext context) => context.GetEndpoint() is RouteEndpoint route
        ? route.Metadata.GetMetadata<RouteAccess>() ?? AdministratorsOnly
        : AnyKey;

    private Task RefuseAsync(HttpContext context, ApiError why)
    {
        if (failures.Add(context.Connection.RemoteIpAddress))
        {
            var limited = new ApiError(StatusCodes.Status429TooManyRequests, "rate_limited", "Rate limit exceeded", failures.SecondsLeft());
            return context.WriteErrorAsync(limited);
        }

        context.Response.Headers.WWWAuthenticate = "Bearer";
        return context.WriteErrorAsync(why);
    }

    /// <summary>The key as sent; null when there is none. A header sent twice is no key.</summary>
    public static string? KeyOf(IHeaderDictionary headers)
    {
        if (headers.TryGetValue(KeyHeader, out var key) && !StringValues.IsNullOrEmpty(key))
        {
            return key.ToString();
        }

        var authorization = headers.Authorization.ToString();
        return authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? authorization[Bearer.Length..].Trim() : null;
    }
}
