using OrleansInstances.Gateway.Dialects.Koyeb.Exec;
using OrleansInstances.Gateway.OpenApi;

namespace OrleansInstances.Gateway.Dialects.Koyeb;

/// <summary>Koyeb's instances API.</summary>
internal static class KoyebEndpoints
{
    public static void MapKoyeb(this IEndpointRouteBuilder app)
    {
        var koyeb = app.MapGroup("/v1").WithMetadata(new KoyebErrorForm(), new KoyebKey()).WithTags("koyeb");
        koyeb.MapKoyebExec();
    }

    /// <summary>The errors that koyeb's document has for every route.</summary>
    public static RouteHandlerBuilder FailsAsKoyeb(this RouteHandlerBuilder route)
    {
        foreach (var status in (ReadOnlySpan<int>)[400, 401, 403, 404, 429, 500, 503])
        {
            route.Answers<KoyebError>(status);
        }

        return route;
    }
}
