using OrleansInstances.Gateway.Auth;
using OrleansInstances.Instances;
using OrleansInstances.Storage.Instances;
using OrleansInstances.Storage.Users;

namespace OrleansInstances.Gateway.Dialects.Ksm;

/// <summary>Which instances there are.</summary>
internal static class KsmInstances
{
    /// <summary>Those that the caller may view, by number.</summary>
    public static async Task<IResult> ListAsync(Caller caller, IInstanceCatalog catalog, CancellationToken cancellationToken)
    {
        var seen = VisibleTo(caller) is { } query ? await catalog.ListAsync(query, cancellationToken) : [];
        return TypedResults.Json(new InstancesReply(StatusCodes.Status200OK, seen.Select(KsmInstance.Of)), KsmJson.Wire.InstancesReply);
    }

    public static IResult Show(InstanceSnapshot instance) =>
        TypedResults.Json(new InstanceDataReply(StatusCodes.Status200OK, KsmInstance.Of(instance)), KsmJson.Wire.InstanceDataReply);

    /// <summary>A user's permissions differ by instance, a key's don't. Null for none at all.</summary>
    private static CatalogQuery? VisibleTo(Caller caller) => caller switch
    {
        { Permissions: { } granted } => new CatalogQuery
        {
            Ids = [.. granted.Where(grant => grant.Value.HasFlag(InstancePermissions.View)).Select(grant => grant.Key)],
        },
        _ when caller.May(Scopes.View) => caller.Restrict(new CatalogQuery()),
        _ => null,
    };
}
