namespace OrleansInstances.Instances;

/// <summary>
/// What an instance is part of, in the names of whoever deploys it. It is kept, shown and filtered by, and has no effect on
/// what runs. What is null was not said.
/// </summary>
[GenerateSerializer, Immutable, Alias("oi.DeploymentSpec")]
public sealed record DeploymentSpec
{
    [Id(0)] public string? AppId { get; init; }

    [Id(1)] public string? ServiceId { get; init; }

    [Id(2)] public string? DeploymentId { get; init; }

    [Id(3)] public string? RegionalDeploymentId { get; init; }

    [Id(4)] public string? AllocationId { get; init; }

    /// <summary>Which of its service's like instances it is, from 0.</summary>
    [Id(5)] public int? ReplicaIndex { get; init; }

    /// <summary>The name of a size that it was ordered as.</summary>
    [Id(6)] public string? Type { get; init; }

    [Id(7)] public string? Datacenter { get; init; }

    /// <summary>What <paramref name="change"/> says, and where it says nothing what was said before; an empty text takes it back.</summary>
    public DeploymentSpec With(DeploymentSpec change) => new()
    {
        AppId = Of(change.AppId, AppId),
        ServiceId = Of(change.ServiceId, ServiceId),
        DeploymentId = Of(change.DeploymentId, DeploymentId),
        RegionalDeploymentId = Of(change.RegionalDeploymentId, RegionalDeploymentId),
        AllocationId = Of(change.AllocationId, AllocationId),
        ReplicaIndex = change.ReplicaIndex ?? ReplicaIndex,
        Type = Of(change.Type, Type),
        Datacenter = Of(change.Datacenter, Datacenter),
    };

    private static string? Of(string? change, string? before) => change is "" ? null : change ?? before;
}
