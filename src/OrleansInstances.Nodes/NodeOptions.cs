namespace OrleansInstances.Nodes;

/// <summary>What this machine's node is called, where it keeps its things and how much it runs.</summary>
public sealed class NodeOptions
{
    /// <summary>The silo's data folder, absolute. The keeper's socket and the instances' folders lie in it.</summary>
    public string DataFolder { get; set; } = "";

    /// <summary>Setting OI_NODE: the node's name in reports. 1 to 63 of A–Z a–z 0–9 . _ -, the first a letter or digit.</summary>
    public string NodeName { get; set; } = "";

    /// <summary>Setting OI_MAX_INSTANCES: how many instances run here at once, 1 to 100000. Adopted ones always stay, even above it.</summary>
    public int MaxInstances { get; set; } = 2000;

    /// <summary>Setting OI_CPUS: processors' worth of time for the limits of the instances here to share. Without it what this process may use.</summary>
    public double Cpus { get; set; } = Environment.ProcessorCount;

    /// <summary>Setting OI_MEMORY_MB: MiB for the limits of the instances here to share. Without it the machine's, of a container three quarters of its limit.</summary>
    public long MemoryMb { get; set; } = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20;

    /// <summary>Setting OI_MAX_OUTPUT_WATCHES: of how many instances the output is published on streams at once.</summary>
    public int MaxOutputWatches { get; set; } = 64;

    /// <summary>Setting OI_MAX_EXECS: how many commands run beside instances' programs at once.</summary>
    public int MaxExecs { get; set; } = 256;

    /// <summary>How long nobody reads such a command before it is ended. A gateway gives its clients less.</summary>
    public TimeSpan ExecAbandonedAfter { get; set; } = TimeSpan.FromSeconds(150);
}
