namespace OrleansInstances.Instances;

/// <summary>What an instance's whole tree of processes may use; 0 is without limit.</summary>
/// <param name="MemoryMb">MiB.</param>
/// <param name="Cpus">Processors' worth of time.</param>
/// <param name="Pids">Processes and threads.</param>
/// <param name="Required">Don't start it where one of them can't be enforced.</param>
[GenerateSerializer, Immutable, Alias("oi.InstanceLimits")]
public sealed record InstanceLimits(
    [property: Id(0)] long MemoryMb = 0,
    [property: Id(1)] double Cpus = 0,
    [property: Id(2)] int Pids = 0,
    [property: Id(3)] bool Required = false)
{
    /// <summary>There is something to enforce.</summary>
    public bool Any => MemoryMb > 0 || Cpus > 0 || Pids > 0;
}

/// <summary>For each limit whether the current run's node enforces it; null for one that wasn't asked for.</summary>
/// <param name="Why">Why one is not.</param>
[GenerateSerializer, Immutable, Alias("oi.LimitsEnforced")]
public sealed record LimitsEnforced(
    [property: Id(0)] bool? Memory,
    [property: Id(1)] bool? Cpus,
    [property: Id(2)] bool? Pids,
    [property: Id(3)] string? Why);
