namespace OrleansInstances.Instances;

/// <summary>The names of what knows one kind of workload.</summary>
public static class Drivers
{
    /// <summary>Runs a program.</summary>
    public const string Process = "process";

    /// <summary>Runs nothing: the workload is somebody else's, and only followed.</summary>
    public const string Remote = "remote";
}
