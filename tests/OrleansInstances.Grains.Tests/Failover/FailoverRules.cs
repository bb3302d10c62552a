namespace OrleansInstances.Grains.Tests.Failover;

/// <summary>What keeps a second copy from running, each of which can be left out, to see that it is missed.</summary>
internal sealed record FailoverRules
{
    /// <summary>The keeper ends what may move when the lease is over.</summary>
    public bool KeeperKills { get; init; } = true;

    /// <summary>A waiter counts a lease from when it saw the revocation.</summary>
    public bool WaiterWaits { get; init; } = true;

    /// <summary>What is revoked can't renew.</summary>
    public bool RevokedCannotRenew { get; init; } = true;

    /// <summary>A node ends what may move before it joins anew.</summary>
    public bool RejoinKills { get; init; } = true;

    /// <summary>A node takes no start that was meant for another registration of it.</summary>
    public bool NodeRefusesOtherIncarnations { get; init; } = true;

    /// <summary>The lease that the keeper is told begins before the renewal was sent.</summary>
    public bool LeaseCountsFromBeforeSending { get; init; } = true;
}
