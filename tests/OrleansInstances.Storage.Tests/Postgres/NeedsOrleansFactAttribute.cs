namespace OrleansInstances.Storage.Tests.Postgres;

/// <summary>A test of what Orleans' own providers make of our tables.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsOrleansFactAttribute : FactAttribute
{
    public NeedsOrleansFactAttribute() =>
        Skip = ClusterMembers.TableType is null ? "The embedded engine has no cluster: build with -p:Engine=Orleans." : null;
}
