namespace OrleansInstances.Gateway.Dialects.Chutes.Hosts;

/// <summary>What the operator says of hosts.</summary>
internal interface IHostRules
{
    /// <summary>Whether miners may be at addresses that are no public ones.</summary>
    ValueTask<bool> AllowPrivateAsync(CancellationToken cancellationToken);
}
