using Orleans.Runtime;

namespace OrleansInstances.EmbeddedEngine.Clustering;

/// <summary>What this engine says when it is asked to be one of several.</summary>
internal static class NoCluster
{
    public static OrleansConfigurationException Error() =>
        new("The embedded engine is a single process and can't join a cluster. Build with -p:Engine=Orleans for one.");
}
