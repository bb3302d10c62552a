using OrleansInstances.Grains.Tests.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Grains.Tests.Failover;

/// <summary>A node's row in the model's table, by the table's clock.</summary>
internal sealed record Row(string Name, long Incarnation, long Since, int SeenAt)
{
    /// <summary>In ticks.</summary>
    public const int Lease = 6;

    public bool IsRevoked { get; init; }

    public bool IsFenced { get; init; }

    public bool IsRemoved { get; init; }

    public bool IsStale(int now) => now - SeenAt > Lease;

    public NodeSnapshot Show(int now) => Given.NodeNamed(Name) with
    {
        Incarnation = Incarnation,
        Since = Since,
        Standing = this switch
        {
            { IsRemoved: true } => NodeStanding.Removed,
            { IsFenced: true } => NodeStanding.Fenced,
            _ when IsRevoked || IsStale(now) => NodeStanding.Lost,
            _ => NodeStanding.Live,
        },
    };
}
