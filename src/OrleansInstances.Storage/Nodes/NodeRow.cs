using OrleansInstances.Nodes;

namespace OrleansInstances.Storage.Nodes;

/// <summary>A node as the table has it, at the moment when it was read.</summary>
/// <param name="Node">As it last said, with what the row says of incarnation, since, standing and cordon.</param>
/// <param name="Incarnation">0 for a row from before there were any.</param>
/// <param name="Since">The first incarnation of this node id under this name.</param>
/// <param name="Lease">As it joined with.</param>
/// <param name="Revoked">It can't renew.</param>
/// <param name="Fenced">Whatever may move has ended there; it is revoked too.</param>
/// <param name="Removed">An operator said that it is gone for good; it is fenced too.</param>
/// <param name="Cordon">What an operator said of new instances and of those it has.</param>
/// <param name="SeenAt">When it last joined or renewed.</param>
/// <param name="Age">How long ago that was, by the one clock that also wrote it: clocks of two machines are never compared.</param>
public sealed record NodeRow(
    NodeSnapshot Node,
    long Incarnation,
    long Since,
    TimeSpan Lease,
    bool Revoked,
    bool Fenced,
    bool Removed,
    NodeCordon Cordon,
    DateTimeOffset SeenAt,
    TimeSpan Age)
{
    public NodeSnapshot Node { get; } = Node with
    {
        Incarnation = Incarnation,
        Since = Since,
        Standing = StandingOf(Removed, Fenced, Revoked || Age >= Lease),
        Cordoned = Cordon != NodeCordon.None,
    };

    public NodeStanding Standing => Node.Standing;

    private static NodeStanding StandingOf(bool removed, bool fenced, bool lost) => (removed, fenced, lost) switch
    {
        (true, _, _) => NodeStanding.Removed,
        (_, true, _) => NodeStanding.Fenced,
        (_, _, true) => NodeStanding.Lost,
        _ => NodeStanding.Live,
    };
}

/// <summary>What an operator said of a node's instances. The numbers are stored.</summary>
public enum NodeCordon
{
    /// <summary>It takes new ones.</summary>
    None = 0,

    /// <summary>It takes none.</summary>
    Cordoned = 1,

    /// <summary>It takes none, and those that may move are to go elsewhere.</summary>
    Draining = 2,

    /// <summary>As <see cref="Draining"/>, and the others are to be stopped.</summary>
    DrainingAll = 3,
}
