using OrleansInstances.Instances;

namespace OrleansInstances.Storage.Nodes;

public static class NodeNames
{
    /// <summary>The refusal of a name that another node holds.</summary>
    public static Refusal Taken(string name, TimeSpan lease) => new(
        RefusalKind.Conflict,
        "node_name_taken",
        $"Another machine is registered as node {name} and was seen within the last {lease.TotalSeconds:0.#} s. Give this one another name, or wait until the other is gone that long.");
}
