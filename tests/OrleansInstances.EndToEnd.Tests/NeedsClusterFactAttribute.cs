using OrleansInstances.Hosting;

namespace OrleansInstances.EndToEnd.Tests;

/// <summary>A test of several silos on one PostgreSQL database.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsClusterFactAttribute : FactAttribute
{
    public NeedsClusterFactAttribute() =>
        Skip = EngineName.SpansMachines ? null : "The embedded engine has no cluster: build with -p:Engine=Orleans.";
}
