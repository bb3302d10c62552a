using System.Collections.Immutable;
using Microsoft.AspNetCore.Http.Features;
using OrleansInstances.Instances;
using OrleansInstances.Storage.Instances;
using OrleansInstances.Storage.Users;

namespace OrleansInstances.Gateway.Auth;

/// <summary>Who sent a request, and what it may do, as its key says.</summary>
internal sealed record Caller
{
    /// <summary>The owner behind keys that are nobody's in particular.</summary>
    public const string Administrator = "admin";

    /// <summary>The key's or the user's name, for people.</summary>
    public required string Name { get; init; }

    /// <summary>The stored key; null for the one of OI_API_KEY, which is stored nowhere.</summary>
    public Guid? KeyId { get; init; }

    /// <summary>The user who logged in with it; such a key opens only the dialect that has users.</summary>
    public int? UserId { get; init; }

    public Scopes Scopes { get; init; }

    /// <summary>Whose instances it may touch; null is everyone's.</summary>
    public string? OnlyOwner { get; init; }

    /// <summary>It may touch only instances that have all of these labels.</summary>
    public ImmutableDictionary<string, string> OnlyLabels { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Of a user who is no administrator: what it may do with which instance. Null for all others.</summary>
    public IReadOnlyDictionary<Guid, InstancePermissions>? Permissions { get; init; }

    /// <summary>Whose instances it creates.</summary>
    public string Owner => OnlyOwner ?? Administrator;

    /// <summary>Whether there are instances that don't exist for it.</summary>
    public bool IsLimited => OnlyOwner is not null || !OnlyLabels.IsEmpty;

    public bool May(Scopes scopes) => (Scopes & scopes) == scopes;

    /// <summary>Whether the instance exists as far as the caller is concerned.</summary>
    public bool Sees(InstanceSnapshot instance) =>
        (OnlyOwner is null || OnlyOwner == instance.Owner)
        && OnlyLabels.All(label => instance.Spec.Labels.TryGetValue(label.Key, out var value) && value == label.Value);

    /// <summary>What it may do with an instance that it sees.</summary>
    public InstancePermissions PermissionsOn(Guid instanceId) => this switch
    {
        { Permissions: { } granted } => granted.GetValueOrDefault(instanceId),
        _ when May(Scopes.Admin) => InstancePermissions.All,
        _ => (May(Scopes.View) ? InstancePermissions.View | InstancePermissions.ShowStats : InstancePermissions.None)
            | (May(Scopes.Console) ? InstancePermissions.Console : InstancePermissions.None)
            | (May(Scopes.Lifecycle) ? InstancePermissions.StartStop : InstancePermissions.None),
    };

    /// <summary>The query with the caller's limits; null when nothing can match both.</summary>
    public CatalogQuery? Restrict(CatalogQuery query)
    {
        var asksForOthers = query.Owner is { } owner && OnlyOwner is { } own && owner != own;
        var contradicts = OnlyLabels.Any(label => query.Labels.TryGetValue(label.Key, out var value) && value != label.Value);
        return asksForOthers || contradicts
            ? null
            : query with { Owner = OnlyOwner ?? query.Owner, Labels = query.Labels.SetItems(OnlyLabels) };
    }

    /// <summary>Gives endpoints the caller that <see cref="KeyMiddleware"/> let in.</summary>
    public static ValueTask<Caller> BindAsync(HttpContext context) =>
        ValueTask.FromResult(context.Features.GetRequiredFeature<Caller>());
}
