using System.Reflection;

namespace OrleansInstances.Gateway.Cluster;

/// <summary>Which engine runs the grains, told by the assembly that its types come from: both offer the same ones.</summary>
public static class EngineName
{
    public static string Name { get; } = Assembly.GetName().Name!.StartsWith("Orleans.", StringComparison.Ordinal) ? "Orleans" : "Embedded";

    public static string Version { get; } = VersionOf(Assembly);

    /// <summary>The version without the commit that a build may append.</summary>
    public static string VersionOf(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    private static Assembly Assembly => typeof(IGrainFactory).Assembly;
}
