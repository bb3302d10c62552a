using System.Reflection;

namespace OrleansInstances.Hosting;

/// <summary>Which engine runs the grains, told by the assembly that its types come from: both offer the same ones.</summary>
public static class EngineName
{
    public static string Name { get; } = Assembly.GetName().Name!.StartsWith("Orleans.", StringComparison.Ordinal) ? "Orleans" : "Embedded";

    public static string Version { get; } = VersionOf(Assembly);

    /// <summary>Whether silos on it form a cluster.</summary>
    public static bool SpansMachines { get; } = Name == "Orleans";

    /// <summary>What its being the engine means, for an operator.</summary>
    public static string Why { get; } = SpansMachines
        ? "which this build was restored with"
        : "built without Microsoft.Orleans packages: one process only";

    /// <summary>The version without what a build may append of its commit, as in <c>1.2.3+abc</c> and <c>1.2.3. Commit Hash: abc</c>.</summary>
    public static string VersionOf(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+', ' ')[0].TrimEnd('.') ?? "unknown";

    private static Assembly Assembly => typeof(IGrainFactory).Assembly;
}
