using OrleansInstances.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Gateway.Tests;

/// <summary>Samples.</summary>
internal static class Given
{
    public static readonly DateTimeOffset Created = DateTimeOffset.FromUnixTimeMilliseconds(1710410400_250);
    public static readonly DateTimeOffset Updated = DateTimeOffset.FromUnixTimeMilliseconds(1710410700_750);

    public static readonly Guid Id = Guid.Parse("0f8fad5b-d9cb-469f-a165-70867728950e");

    public static InstanceSnapshot Instance(InstanceStatus status = InstanceStatus.Running, Guid? id = null, InstanceSpec? spec = null) => new()
    {
        Id = id ?? Guid.NewGuid(),
        Number = 1,
        Version = 5,
        Spec = spec ?? new InstanceSpec { Command = ["/bin/cat"] },
        Owner = "admin",
        Status = status,
        Epoch = 1,
        Node = "n1",
        CreatedAt = Created,
        UpdatedAt = Updated,
    };

    public static InstanceUsage Usage(Guid id) => new(
        id, 12.49, (256L * 1024 * 1024) + 1, 1024L * 1024 * 1024, Updated, TimeSpan.FromSeconds(3600.9));
}
