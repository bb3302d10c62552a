namespace OrleansInstances.Simulation.Machines;

/// <summary>A machine to be, as its silo is configured.</summary>
internal sealed record MachinePlan(string Name)
{
    public string Region { get; init; } = "*";

    /// <summary>As in OI_NODE_LABELS.</summary>
    public string Labels { get; init; } = "";

    public int MaxInstances { get; init; } = 100;

    public double Cpus { get; init; } = 8;

    public long MemoryMb { get; init; } = 8192;

    public static implicit operator MachinePlan(string name) => new(name);
}
