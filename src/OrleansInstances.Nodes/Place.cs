using OrleansInstances.Instances;
using OrleansInstances.Keeper.Protocol;

namespace OrleansInstances.Nodes;

/// <summary>What an instance that runs takes of its node, besides being one more: its limits. Decimal, so that a sum comes back to where it was.</summary>
internal readonly record struct Place(decimal Cpus, long MemoryMb)
{
    /// <param name="limits">Null when there are none.</param>
    public static Place Of(RunLimits? limits) => limits is null ? default : new((decimal)limits.Cpus, limits.MemoryBytes >> 20);

    public static Place Of(InstanceLimits limits) => new((decimal)limits.Cpus, limits.MemoryMb);

    /// <summary>A run that a silo before this one started has its limits in its note.</summary>
    public static Place Of(RunRecord run) => RunNote.Read(run.Note)?.Limits is { } limits ? Of(limits) : default;
}
