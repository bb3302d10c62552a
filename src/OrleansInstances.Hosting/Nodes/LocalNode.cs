using Microsoft.Extensions.Options;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Hosting.Nodes;

/// <summary>The node of this silo, as it describes itself.</summary>
internal sealed class LocalNode(
    NodeIdentity identity,
    OrleansInstancesOptions options,
    IOptions<NodeOptions> room,
    ILeasedRuntime runtime,
    ILocalSiloDetails silo,
    TimeProvider time)
{
    private readonly NodeSnapshot _fixed = new(
        identity.Name,
        identity.Id,
        [.. options.Regions()],
        [Drivers.Process, Drivers.Remote],
        options.MaxInstances,
        time.GetUtcNow())
    {
        Labels = options.Labels(),
        Room = new NodeRoom(room.Value.Cpus, room.Value.MemoryMb),
    };

    public string Name => identity.Name;

    public Guid Id => identity.Id;

    /// <summary>What runs here takes so much of it.</summary>
    public NodeUse Used => runtime.Used;

    /// <inheritdoc cref="ILeasedRuntime.HasTaken"/>
    public bool HasTaken(RunKey run) => runtime.HasTaken(run);

    /// <summary>For people; told with the next renewal.</summary>
    public string? Message { get; set; }

    /// <summary>What it has and what of it is used now.</summary>
    public NodeSnapshot Describe() => _fixed with
    {
        Used = runtime.Used,
        Message = Message,
        Silo = silo.SiloAddress.ToParsableString(),
    };
}
