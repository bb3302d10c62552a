using OrleansInstances.Gateway.Auth;

namespace OrleansInstances.Gateway.OpenApi;

/// <summary>A page to try the routes by hand. All of it comes from here, and it talks to nobody else.</summary>
internal static class TryPage
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void MapTryPage(this IEndpointRouteBuilder app)
    {
        var page = app.MapGroup("/try").OpenToAll().ExcludeFromDescription();
        page.MapGet("/", context => SendAsync(context, "try.html", "text/html; charset=utf-8"));
        page.MapGet("/try.js", context => SendAsync(context, "try.js", "text/javascript; charset=utf-8"));
        page.MapGet("/try.css", context => SendAsync(context, "try.css", "text/css; charset=utf-8"));
    }

    private static async Task SendAsync(HttpContext context, string file, string contentType)
    {
        await using var content = typeof(TryPage).Assembly.GetManifestResourceStream($"Page/{file}")!;
        var headers = context.Response.Headers;
        headers.ContentType = contentType;
        headers.ContentLength = content.Length;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        await content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
