using System.Collections.Immutable;

namespace OrleansInstances.Instances;

/// <summary>Whom an instance's program runs as; its node's keeper has to be root for it.</summary>
/// <param name="Uid">0 to 4294967294. In a patch, -1 is the node's own user again.</param>
/// <param name="Gid">0 to 4294967294.</param>
[GenerateSerializer, Immutable, Alias("oi.InstanceUser")]
public sealed record InstanceUser(
    [property: Id(0)] long Uid,
    [property: Id(1)] long Gid)
{
    /// <summary>Besides <see cref="Gid"/>.</summary>
    [Id(2)] public ImmutableArray<long> Groups { get; init; } = [];

    /// <summary>Programs that would give it rights, as sudo does, don't.</summary>
    [Id(3)] public bool NoNewPrivileges { get; init; } = true;
}
