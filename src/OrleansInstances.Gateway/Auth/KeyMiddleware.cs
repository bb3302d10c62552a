using Microsoft.Extensions.Primitives;
using OrleansInstances.Gateway.Errors;

namespace OrleansInstances.Gateway.Auth;

/// <summary>
/// Lets a request in that carries a good key, as <c>X-API-Key</c> or <c>Authorization: Bearer</c>; the former decides when
/// both are there. An address with too many refused keys gets 429 for them, while good keys from there go on.
/// </summary>
internal sealed class KeyMiddleware(RequestDelegate next, KeyRing ring, KeyFailures failures)
{
    private const string KeyHeader = "X-API-Key";
    private const string Bearer = "Bearer ";

    private static readonly ApiError Missing = new(StatusCodes.Status401Unauthorized, "missing_key", "Missing API key — set X-API-Key header");
    private static readonly ApiError Wrong = new(StatusCodes.Status401Unauthorized, "invalid_key", "Invalid API key");

    public Task InvokeAsync(HttpContext context)
    {
        if (KeyOf(context.Request.Headers) is not { } key)
        {
            return RefuseAsync(context, Missing);
        }

        if (!ApiKey.IsWellFormed(key))
        {
            return RefuseAsync(context, Wrong);
        }

        Span<byte> hash = stackalloc byte[ApiKey.HashBytes];
        ApiKey.Hash(key, hash);
        return ring.Recall(hash) is { } caller ? LetInAsync(context, caller) : LookUpAsync(context, hash.ToArray());
    }

    private async Task LookUpAsync(HttpContext context, byte[] hash)
    {
        if (await ring.FindAsync(hash, context.RequestAborted) is { } caller)
        {
            await LetInAsync(context, caller);
            return;
        }

        await RefuseAsync(context, Wrong);
    }

    private Task LetInAsync(HttpContext context, Caller caller)
    {
        context.Features.Set(caller);
        return next(context);
    }

    private Task RefuseAsync(HttpContext context, ApiError why)
    {
        if (failures.Add(context.Connection.RemoteIpAddress))
        {
            var limited = new ApiError(StatusCodes.Status429TooManyRequests, "rate_limited", "Rate limit exceeded", failures.SecondsLeft());
            return limited.ExecuteAsync(context);
        }

        context.Response.Headers.WWWAuthenticate = "Bearer";
        return why.ExecuteAsync(context);
    }

    /// <summary>The key as sent; null when there is none. A header sent twice is no key.</summary>
    private static string? KeyOf(IHeaderDictionary headers)
    {
        if (headers.TryGetValue(KeyHeader, out var key) && !StringValues.IsNullOrEmpty(key))
        {
            return key.ToString();
        }

        var authorization = headers.Authorization.ToString();
        return authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? authorization[Bearer.Length..].Trim() : null;
    }
}
