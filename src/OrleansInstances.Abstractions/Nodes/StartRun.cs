using OrleansInstances.Instances;

namespace OrleansInstances.Nodes;

/// <summary>The order to a node to bring up one start attempt. The same order twice starts one copy.</summary>
/// <param name="Incarnation">The node's registration that it is meant for; any other refuses it.</param>
/// <param name="ConsoleFrom">The least offset of its output: the instance has run elsewhere, and what was read there is below it.</param>
[GenerateSerializer, Immutable, Alias("oi.StartRun")]
public sealed record StartRun(
    [property: Id(0)] RunKey Run,
    [property: Id(1)] InstanceSpec Spec,
    [property: Id(2)] long Incarnation = 0,
    [property: Id(3)] long ConsoleFrom = 0);

/// <summary>A node's first answer to an order: taken (the outcome comes as a <see cref="RunReport"/>), or refused.</summary>
[GenerateSerializer, Immutable, Alias("oi.NodeReply")]
public sealed record NodeReply([property: Id(0)] Refusal? Refusal)
{
    /// <summary>The refusal's code when a start was meant for another registration of the node: it was not, and never will be, started there.</summary>
    public const string StaleIncarnation = "stale_incarnation";

    public static NodeReply Accepted { get; } = new((Refusal?)null);
}
