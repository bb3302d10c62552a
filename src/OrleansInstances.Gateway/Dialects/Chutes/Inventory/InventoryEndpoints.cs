using Microsoft.OpenApi;
using OrleansInstances.Gateway.Auth;
using OrleansInstances.Gateway.Errors;
using OrleansInstances.Gateway.Instances;
using OrleansInstances.Gateway.OpenApi;
using OrleansInstances.Storage.Chutes;

namespace OrleansInstances.Gateway.Dialects.Chutes.Inventory;

/// <summary>The inventory for administrators: on paths of our own, in our own words.</summary>
internal static class InventoryEndpoints
{
    public static void MapInventory(this IEndpointRouteBuilder app)
    {
        var inventory = app.MapGroup("/api/chutes").RequireScope(Scopes.Admin).WithTags("Chutes inventory");
        inventory.Map(InventoryResources.Miners);
        inventory.Map(InventoryResources.Chutes);
        inventory.Map(InventoryResources.Nodes);
        inventory.Map(InventoryResources.Jobs);
    }

    private static void Map<TBody, TShown>(this RouteGroupBuilder inventory, InventoryResource<TBody, TShown> resource)
        where TBody : class
        where TShown : TBody
    {
        var all = $"/{resource.Path}";
        var one = $"{all}/{{id}}";
        inventory.MapGet(all, (HttpContext context, IChuteInventory store, CancellationToken cancellationToken) => ListAsync(resource, context, store, cancellationToken))
            .Describe($"list{resource.Name}s", $"The {resource.Word}s, by {resource.KeyField}.")
            .TakesQuery(Pages.Limit, new QueryParameter("after", JsonSchemaType.String, $"Only those behind this {resource.KeyField}."))
            .Answers<IEnumerable<TShown>>();
        inventory.MapGet(one, (string id, IChuteInventory store, CancellationToken cancellationToken) => GetAsync(resource, id, store, cancellationToken))
            .Describe($"get{resource.Name}", $"One {resource.Word}, by its {resource.KeyField}.").Answers<TShown>();
        inventory.MapPut(
                one,
                (string id, HttpRequest request, InventoryDesk desk, IChuteInventory store, CancellationToken cancellationToken) =>
                    PutAsync(resource, id, request, desk, store, cancellationToken))
            .Describe($"put{resource.Name}", $"Makes a {resource.Word}, or replaces all of it.")
            .Takes<TBody>().Answers<TShown>().Answers<TShown>(StatusCodes.Status201Created);
        inventory.MapDelete(one, (string id, IChuteInventory store, CancellationToken cancellationToken) => DeleteAsync(resource, id, store, cancellationToken))
            .Describe($"delete{resource.Name}", $"Removes a {resource.Word} that nothing uses.").AnswersNothing();
    }

    private static async Task<IResult> ListAsync<TBody, TShown>(
        InventoryResource<TBody, TShown> resource, HttpContext context, IChuteInventory store, CancellationToken cancellationToken)
        where TBody : class
        where TShown : TBody
    {
        var query = context.Request.Query;
        if ((Pages.ReadLimit(query, out var limit) ?? query.Fault()) is { } fault)
        {
            return fault;
        }

        // One more than asked for tells whether there is a next page.
        var found = (await resource.ListAsync(store, query["after"] is [{ } after, ..] ? after : null, limit + 1 ?? int.MaxValue, cancellationToken)).ToList();
        if (found.Count > limit)
        {
            found.RemoveAt(found.Count - 1);
            context.Response.Headers.Link = Pages.Next(context.Request, resource.KeyOf(found[^1]));
        }

        return TypedResults.Json(found, resource.AllShown);
    }

    private static async Task<IResult> GetAsync<TBody, TShown>(
        InventoryResource<TBody, TShown> resource, string key, IChuteInventory store, CancellationToken cancellationToken)
        where TBody : class
        where TShown : TBody =>
        await resource.FindAsync(store, key, cancellationToken) is { } found ? TypedResults.Json(found, resource.Shown) : NotFound(resource.Word);

    private static async Task<IResult> PutAsync<TBody, TShown>(
        InventoryResource<TBody, TShown> resource, string key, HttpRequest request, InventoryDesk desk, IChuteInventory store, CancellationToken cancellationToken)
        where TBody : class
        where TShown : TBody
    {
        if (!(await request.ParseJsonAsync(InventoryReader.Options, cancellationToken)).TryGet(out var document, out var error))
        {
            return error;
        }

        using (document)
        {
            if (!InventoryReader.TryRead(document.RootElement, resource.Body, out var body, out var unreadable, (resource.KeyField, key)))
            {
                return ApiError.Invalid(unreadable);
            }

            if (resource.KeyOf(body) != key)
            {
                return ApiError.Invalid($"{resource.KeyField} must be the one in the path, or left out.");
            }

            var isNew = await resource.FindAsync(store, key, cancellationToken) is null;
            if (await desk.SaveAsync(resource.Alone(body), cancellationToken) is { } fault)
            {
                return ApiError.Invalid(fault);
            }

            return await resource.FindAsync(store, key, cancellationToken) is { } stored
                ? TypedResults.Json(stored, resource.Shown, statusCode: isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK)
                : NotFound(resource.Word);
        }
    }

    private static async Task<IResult> DeleteAsync<TBody, TShown>(
        InventoryResource<TBody, TShown> resource, string key, IChuteInventory store, CancellationToken cancellationToken)
        where TBody : class
        where TShown : TBody => await store.DeleteAsync(resource.Kind, key, cancellationToken) switch
        {
            InventoryDeletion.Deleted => TypedResults.NoContent(),
            InventoryDeletion.InUse => new ApiError(StatusCodes.Status409Conflict, "in_use", resource.Keeps),
            _ => NotFound(resource.Word),
        };

    private static ApiError NotFound(string word) => new(StatusCodes.Status404NotFound, "not_found", $"There is no such {word}.");
}
