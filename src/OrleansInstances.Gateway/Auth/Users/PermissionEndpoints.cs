using OrleansInstances.Gateway.Errors;
using OrleansInstances.Gateway.Instances;
using OrleansInstances.Storage.Instances;
using OrleansInstances.Storage.Users;

namespace OrleansInstances.Gateway.Auth.Users;

/// <summary>What a user may do with which instance.</summary>
internal static class PermissionEndpoints
{
    public static void MapUserPermissions(this IEndpointRouteBuilder users)
    {
        users.MapGet("/{id:int}/permissions", ListAsync);
        users.MapPut("/{id:int}/permissions/{instance}", SetAsync);
    }

    private static async Task<IResult> ListAsync(int id, IUserTable table, IInstanceCatalog catalog, CancellationToken cancellationToken)
    {
        if (await table.FindAsync(id, cancellationToken) is null)
        {
            return UserEndpoints.NoSuchUser;
        }

        var permissions = await table.ListPermissionsAsync(id, cancellationToken);
        var known = await catalog.ListAsync(new CatalogQuery { Ids = [.. permissions.Keys] }, cancellationToken);
        var numbers = known.ToDictionary(instance => instance.Id, instance => instance.Number);
        var shown = permissions
            .Select(granted => new PermissionsDescription(
                granted.Key, numbers.TryGetValue(granted.Key, out var number) ? number : null, PermissionWords.Format(granted.Value)))
            .OrderBy(granted => granted.Number ?? int.MaxValue)
            .ThenBy(granted => granted.Instance);
        return TypedResults.Json(shown, UserJson.Wire.IEnumerablePermissionsDescription);
    }

    private static async Task<IResult> SetAsync(
        int id, string instance, HttpRequest request, Caller caller, UserDesk desk, InstanceLocator locator, InstanceCalls instances, CancellationToken cancellationToken)
    {
        if (!(await request.ReadJsonAsync(UserJson.Wire.PermissionsRequest, cancellationToken)).TryGet(out var body, out var error))
        {
            return error;
        }

        if (body.Permissions is not { } words)
        {
            return ApiError.Invalid($"permissions must be an array of {PermissionWords.All}.");
        }

        if (words.Any(word => PermissionWords.Of(word) == InstancePermissions.None))
        {
            return ApiError.Invalid($"permissions: \"{words.First(word => PermissionWords.Of(word) == InstancePermissions.None)}\" is not one of {PermissionWords.All}.");
        }

        // To take permissions away from what is deleted by now must be possible, to give some must not.
        var found = (await instances.GetAsync(caller, instance, cancellationToken)).Instance;
        if ((found?.Id ?? (words.Count == 0 ? await locator.FindIdAsync(instance, cancellationToken) : null)) is not { } instanceId)
        {
            return ApiError.NoSuchInstance;
        }

        var permissions = words.Aggregate(InstancePermissions.None, (sum, word) => sum | PermissionWords.Of(word));
        return await desk.PermitAsync(id, instanceId, permissions, cancellationToken)
            ? TypedResults.Json(new PermissionsDescription(instanceId, found?.Number, PermissionWords.Format(permissions)), UserJson.Wire.PermissionsDescription)
            : UserEndpoints.NoSuchUser;
    }
}
