using OrleansInstances.Hosting;

namespace OrleansInstances.EndToEnd.Tests.Cluster;

/// <summary>A test of a cluster in which a machine is cut off; skipped, and told why, where that can't be.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsNamespacesFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> Missing = new(CutOffMachine.Missing);

    public NeedsNamespacesFactAttribute() => Skip = EngineName.SpansMachines ? Missing.Value : "Needs the Orleans engine: the embedded one forms no cluster.";
}
