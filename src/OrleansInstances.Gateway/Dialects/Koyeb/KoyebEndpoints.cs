using OrleansInstances.Gateway.Auth;
using OrleansInstances.Gateway.Dialects.Koyeb.Exec;
using OrleansInstances.Gateway.Errors;
using OrleansInstances.Gateway.Instances;
using OrleansInstances.Gateway.OpenApi;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Gateway.Dialects.Koyeb;

/// <summary>Koyeb's instances API.</summary>
internal static class KoyebEndpoints
{
    public static void MapKoyeb(this IEndpointRouteBuilder app)
    {
        var koyeb = app.MapGroup("/v1").WithMetadata(new KoyebErrorForm(), new KoyebKey()).WithTags("koyeb");
        koyeb.MapGet("/instances", ListAsync).RequireScope(Scopes.View)
            .Describe("koyebListInstances", "Instances by their creation.").TakesQuery(KoyebInstancesQuery.Parameters).Answers<KoyebInstancesReply>().FailsAsKoyeb();
        koyeb.MapGet("/instances/{id}", GetAsync).RequireScope(Scopes.View)
            .Describe("koyebGetInstance", "One instance.").Answers<KoyebInstanceReply>().FailsAsKoyeb();
        koyeb.MapGet("/instance_events", ListEventsAsync).RequireScope(Scopes.View)
            .Describe("koyebListInstanceEvents", "What happened to instances, also to those that are deleted.")
            .TakesQuery(KoyebEventsQuery.Parameters).Answers<KoyebEventsReply>().FailsAsKoyeb();
        koyeb.MapKoyebExec();

        // Routing's own answers to other methods and paths have no dialect.
        foreach (var path in (ReadOnlySpan<string>)["/instances", "/instances/{id}", "/instance_events", "/streams/instances/exec"])
        {
            koyeb.Map(path, NotAllowed).RequireScope(Scopes.None).ExcludeFromDescription();
        }

        koyeb.Map("/{**path}", NoSuchPath).RequireScope(Scopes.None).ExcludeFromDescription();
    }

    /// <summary>The errors that koyeb's document has for every route.</summary>
    public static RouteHandlerBuilder FailsAsKoyeb(this RouteHandlerBuilder route)
    {
        foreach (var status in (ReadOnlySpan<int>)[400, 401, 403, 404, 429, 500, 503])
        {
            route.Answers<KoyebError>(status);
        }

        return route.AnswersElse<KoyebStatusError>();
    }

    private static async Task<IResult> ListAsync(
        HttpRequest request, Caller caller, IInstanceCatalog catalog, TimeProvider time, CancellationToken cancellationToken)
    {
        var (query, error) = KoyebInstancesQuery.Read(request.Query, time.GetUtcNow());
        if (error is not null)
        {
            return error;
        }

        var found = caller.Restrict(query.Instances) is { } own ? await catalog.PageAsync(own, query.Page, cancellationToken) : new([], 0);
        return TypedResults.Json(
            new KoyebInstancesReply(
                found.Instances.Select(instance => new KoyebListItem(instance)), query.Page.Limit, query.Page.Offset, found.Total, KoyebQuery.OrderOf(query.Page)),
            KoyebJson.Wire.KoyebInstancesReply);
    }

    private static async Task<IResult> GetAsync(string id, Caller caller, InstanceCalls instances, CancellationToken cancellationToken)
    {
        var reply = await instances.GetAsync(caller, id, cancellationToken);
        return reply.Instance is { } instance
            ? TypedResults.Json(new KoyebInstanceReply(new KoyebInstance(instance)), KoyebJson.Wire.KoyebInstanceReply)
            : KoyebError.Of(ApiError.Of(reply.Refusal!));
    }

    private static async Task<IResult> ListEventsAsync(
        HttpRequest request, Caller caller, InstanceHistory history, CancellationToken cancellationToken)
    {
        var (query, error) = KoyebEventsQuery.Read(request.Query);
        if (error is not null)
        {
            return error;
        }

        // One more than asked for tells whether there are any behind these.
        var page = query.Page;
        var listed = await history.PageAsync(caller, query.InstanceNames, query.Types, page with { Limit = page.Limit + 1 }, cancellationToken);
        return TypedResults.Json(
            new KoyebEventsReply(
                listed.Take(page.Limit).Select(KoyebEvent.Of), page.Limit, page.Offset, KoyebQuery.OrderOf(page), listed.Count > page.Limit),
            KoyebJson.Wire.KoyebEventsReply);
    }

    private static IResult NoSuchPath() => KoyebError.Of(ApiError.OfStatus(StatusCodes.Status404NotFound));

    private static IResult NotAllowed(HttpResponse response)
    {
        response.Headers.Allow = HttpMethods.Get;
        return KoyebStatusError.Of(ApiError.OfStatus(StatusCodes.Status405MethodNotAllowed));
    }
}
