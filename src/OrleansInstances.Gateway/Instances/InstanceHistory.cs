using System.Collections.Immutable;
using OrleansInstances.Gateway.Auth;
using OrleansInstances.Instances;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Gateway.Instances;

/// <summary>What happened to instances, also to those that are deleted: their events outlive them.</summary>
internal sealed class InstanceHistory(InstanceLocator locator, InstanceCalls instances, IInstanceEvents events)
{
    /// <summary>
    /// Events by ascending sequence; null when there never was such an instance as far as the caller is concerned. Of a
    /// deleted one the owner is still known and the labels are not, so it is gone for a key that is limited to labels.
    /// </summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="name">Any of the instance's names.</param>
    /// <param name="query">Which of its events.</param>
    /// <param name="after">Only sequences above this one.</param>
    /// <param name="limit">At most this many.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<IReadOnlyList<InstanceEvent>?> ListAsync(
        Caller caller, string name, EventQuery query, long after, int limit, CancellationToken cancellationToken)
    {
        if (await locator.FindIdAsync(name, cancellationToken) is not { } id
            || (caller.IsLimited && !await SeesAsync(caller, name, id, cancellationToken)))
        {
            return null;
        }

        var listed = await events.ListAsync(id, query, after, limit, cancellationToken);
        return listed.Count > 0 || caller.IsLimited || await IsKnownAsync(caller, name, id, cancellationToken) ? listed : null;
    }

    /// <summary>Events of all instances that exist, or existed, as far as the caller is concerned.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="names">Of any of these, by any of their names; empty is of all.</param>
    /// <param name="types">Any of these; null is all.</param>
    /// <param name="page">By time.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<IReadOnlyList<LoggedEvent>> PageAsync(
        Caller caller, IReadOnlyList<string> names, ImmutableHashSet<string>? types, PageRequest page, CancellationToken cancellationToken)
    {
        var ids = ImmutableHashSet.CreateBuilder<Guid>();
        foreach (var name in names)
        {
            if (await locator.FindIdAsync(name, cancellationToken) is { } id)
            {
                ids.Add(id);
            }
        }

        var query = new EventQuery
        {
            Instances = names.Count == 0 ? null : ids.ToImmutable(),
            Types = types,
            Owner = caller.OnlyOwner,
            Labels = caller.OnlyLabels,
        };
        return await events.PageAsync(query, page, cancellationToken);
    }

    private async Task<bool> IsKnownAsync(Caller caller, string name, Guid id, CancellationToken cancellationToken) =>
        await events.FindOwnerAsync(id, cancellationToken) is not null
        || (await instances.GetAsync(caller, name, cancellationToken)).Instance is not null;

    /// <summary>The recorded owner alone would not do for an instance that is there: it may lie outside of the key's labels.</summary>
    private async Task<bool> SeesAsync(Caller caller, string name, Guid id, CancellationToken cancellationToken) =>
        (await instances.GetAsync(caller, name, cancellationToken)).Instance is not null
        || (caller.OnlyLabels.IsEmpty && await events.FindOwnerAsync(id, cancellationToken) == caller.OnlyOwner);
}
