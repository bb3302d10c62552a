using OrleansInstances.Hosting;

namespace OrleansInstances.EndToEnd.Tests.Cluster;

/// <summary>Skipped where the engine is a single process.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsClusterFactAttribute : FactAttribute
{
    public NeedsClusterFactAttribute()
    {
        if (!EngineName.SpansMachines)
        {
            Skip = "Needs the Orleans engine: the embedded one forms no cluster.";
        }
    }
}
