using System.Globalization;
using Microsoft.Extensions.Options;
using OrleansInstances.Gateway.Auth;
using OrleansInstances.Gateway.Errors;
using OrleansInstances.Gateway.Idempotency;
using OrleansInstances.Gateway.Instances;
using OrleansInstances.Gateway.OpenApi;
using OrleansInstances.Instances;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Gateway.Dialects.Starpod;

/// <summary>Starpod's instances API and, on the same paths, our own.</summary>
internal static class StarpodEndpoints
{
    public static void MapStarpod(this IEndpointRouteBuilder app)
    {
        var instances = app.MapGroup("/api/instances").WithTags("Instances");
        instances.MapGet("/", ListAsync).RequireScope(Scopes.View)
            .Describe("listInstances", "Instances by ascending number.").TakesQuery(ListQuery.Parameters).Answers<IEnumerable<StarpodInstance>>();
        instances.MapPost("/", CreateAsync).RequireScope(Scopes.Lifecycle).WithKeyAs(KeyedAs.Repeatable)
            .Describe("createInstance", "Creates an instance and starts it.").Takes<InstanceRequest>().Answers<StarpodInstance>(StatusCodes.Status201Created);

        var instance = instances.MapGroup("/{id}");
        instance.MapGet("/", GetAsync).RequireScope(Scopes.View)
            .Describe("getInstance", "One instance.").Answers<StarpodInstance>();
        instance.MapPatch("/", UpdateAsync).RequireScope(Scopes.Lifecycle)
            .Describe("updateInstance", "Changes what is given: name and labels now, the rest at the next start.").Takes<InstanceRequest>().Answers<StarpodInstance>();
        instance.MapDelete("/", DeleteAsync).RequireScope(Scopes.Lifecycle)
            .Describe("deleteInstance", "Stops and removes it.").AnswersNothing();
        instance.MapGet("/health", GetHealthAsync).RequireScope(Scopes.View)
            .Describe("getInstanceHealth", "What it uses right now.").Answers<StarpodHealth>();
        instance.MapGet("/events", ListEventsAsync).RequireScope(Scopes.View)
            .Describe("listInstanceEvents", "What happened to it, also when it is deleted.").TakesQuery(EventsQuery.Parameters).Answers<IEnumerable<EventReply>>();
        instance.MapGet("/execs", ListExecsAsync).RequireScope(Scopes.View)
            .Describe("listInstanceExecs", "Commands that run beside its program.").Answers<IEnumerable<ExecReply>>();
        instance.MapStarpodLifecycle();
        instance.MapStarpodConsole();
    }

    /// <summary>The instance as it is now, with what it uses when it runs; or why not.</summary>
    public static async Task<IResult> AnswerAsync(InstanceReply reply, UsageCache usages, CancellationToken cancellationToken)
    {
        if (reply.Instance is not { } instance)
        {
            return ApiError.Of(reply.Refusal!);
        }

        var usage = HasHealth(instance) ? await usages.GetAsync(instance, cancellationToken) : null;
        return TypedResults.Json(StarpodInstance.Of(instance, usage), StarpodJson.Wire.StarpodInstance);
    }

    private static async Task<IResult> ListAsync(
        HttpContext context, Caller caller, IInstanceCatalog catalog, UsageCache usages, CancellationToken cancellationToken)
    {
        if (!ListQuery.Read(context.Request.Query).TryGet(out var query, out var error))
        {
            return error;
        }

        // One more than asked for tells whether there is a next page.
        var found = caller.Restrict(query) is { } own ? await catalog.ListAsync(own with { Limit = own.Limit + 1 }, cancellationToken) : [];
        IEnumerable<InstanceSnapshot> page = found;
        if (query.Limit is { } limit && found.Count > limit)
        {
            page = found.Take(limit);
            context.Response.Headers.Link = Pages.Next(context.Request, found[limit - 1].Number.ToString(CultureInfo.InvariantCulture));
        }

        var used = await usages.GetAsync(page.Where(HasHealth), cancellationToken);
        var shown = page.Select(instance => StarpodInstance.Of(instance, HasHealth(instance) ? used.GetValueOrDefault(instance.Id) : null));
        return TypedResults.Json(shown, StarpodJson.Wire.IEnumerableStarpodInstance);
    }

    private static async Task<IResult> CreateAsync(
        HttpRequest request, Caller caller, IGrainFactory grains, DependencyNames dependencies, IOptions<GatewayOptions> options, CancellationToken cancellationToken)
    {
        if (!(await request.ReadJsonAsync(StarpodJson.Wire.InstanceRequest, cancellationToken)).TryGet(out var body, out var error)
            || !body.ToSpec(options.Value.DefaultProgram()).TryGet(out var spec, out error)
            || !caller.Label(spec).TryGet(out spec, out error)
            || !(await dependencies.ResolveAsync(body, caller, spec, cancellationToken)).TryGet(out spec, out error))
        {
            return error;
        }

        var id = request.HttpContext.Features.Get<ReservedRequest>()?.Id ?? Guid.NewGuid();
        var grain = grains.GetGrain<IInstanceGrain>(id);
        InstanceReply reply;
        try
        {
            // A second one for the same id makes no second instance.
            reply = await SecondTry.RepeatAsync(() => grain.CreateAsync(spec, caller.Owner, body.Start ?? true)).WaitAsync(InstanceCalls.AtMost, cancellationToken);
        }
        catch (Exception unknown) when (CallFault.LeavesItOpen(unknown))
        {
            return ApiError.OutcomeUnknown($"No answer; whether it was created is unknown. GET /api/instances/{id} tells.");
        }

        return reply is { Instance: { } instance }
            ? TypedResults.Json(StarpodInstance.Of(instance, usage: null), StarpodJson.Wire.StarpodInstance, statusCode: StatusCodes.Status201Created)
            : ApiError.Of(reply.Refusal!);
    }

    private static async Task<IResult> GetAsync(string id, Caller caller, InstanceCalls instances, UsageCache usages, CancellationToken cancellationToken) =>
        await AnswerAsync(await instances.GetAsync(caller, id, cancellationToken), usages, cancellationToken);

    private static async Task<IResult> UpdateAsync(
        string id, HttpRequest request, Caller caller, InstanceCalls instances, DependencyNames dependencies, UsageCache usages, CancellationToken cancellationToken)
    {
        if (!(await request.ReadJsonAsync(StarpodJson.Wire.InstanceRequest, cancellationToken)).TryGet(out var body, out var error)
            || !body.ToPatch().TryGet(out var patch, out error)
            || !caller.Label(patch).TryGet(out patch, out error)
            || !(await dependencies.ResolveAsync(body, caller, patch, cancellationToken)).TryGet(out patch, out error))
        {
            return error;
        }

        if ((body.Driver is not null ? "driver" : body.Start is not null ? "start" : null) is { } fixedField)
        {
            return ApiError.Invalid($"{fixedField} can't be changed.");
        }

        // Nothing to wait for: a start or stop that is under way is another request's.
        var reply = await instances.TellAsync(caller, id, grain => grain.UpdateAsync(patch), cancellationToken);
        return await AnswerAsync(reply, usages, cancellationToken);
    }

    private static async Task<IResult> DeleteAsync(string id, Caller caller, InstanceCalls instances, CancellationToken cancellationToken)
    {
        var before = await instances.GetAsync(caller, id, cancellationToken);
        if (before.Refusal is { } missing)
        {
            return ApiError.Of(missing);
        }

        // It was there a moment ago, so that it is not any more is what was asked for.
        var reply = await instances.DoAsync(caller, id, grain => grain.DeleteAsync(), cancellationToken);
        return reply.Refusal switch
        {
            null or { Kind: RefusalKind.NotFound } => TypedResults.NoContent(),
            { } refusal => ApiError.Of(refusal),
        };
    }

    private static async Task<IResult> GetHealthAsync(string id, Caller caller, InstanceCalls instances, UsageCache usages, CancellationToken cancellationToken)
    {
        var reply = await instances.GetAsync(caller, id, cancellationToken);
        if (reply.Instance is not { } instance)
        {
            return ApiError.Of(reply.Refusal!);
        }

        if (!instance.IsAlive())
        {
            return TypedResults.Json(StarpodHealth.OfIdle(instance), StarpodJson.Wire.StarpodHealth);
        }

        return await usages.GetAsync(instance, cancellationToken) is { } usage
            ? TypedResults.Json(StarpodHealth.Of(usage), StarpodJson.Wire.StarpodHealth)
            : ApiError.Unavailable("health_unknown", "The instance's node does not say how it is.");
    }

    private static async Task<IResult> ListEventsAsync(
        string id, HttpRequest request, Caller caller, InstanceHistory history, CancellationToken cancellationToken)
    {
        if (!EventsQuery.Read(request.Query).TryGet(out var query, out var error))
        {
            return error;
        }

        return await history.ListAsync(caller, id, query.Events, query.After, query.Limit, cancellationToken) is { } events
            ? TypedResults.Json(events.Select(EventReply.Of), StarpodJson.Wire.IEnumerableEventReply)
            : ApiError.NoSuchInstance;
    }

    private static async Task<IResult> ListExecsAsync(string id, Caller caller, ExecCalls execs, CancellationToken cancellationToken) =>
        await execs.ListAsync(caller, id, cancellationToken) is { } open
            ? TypedResults.Json(open.Select(ExecReply.Of), StarpodJson.Wire.IEnumerableExecReply)
            : ApiError.NoSuchInstance;

    private static bool HasHealth(InstanceSnapshot instance) => StarpodStatus.Of(instance.Status) == StarpodStatus.Running;
}
