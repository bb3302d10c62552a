using OrleansInstances.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Grains.Instances;

/// <summary>
/// What a stored state asks of a node. It follows from the state alone, so a grain that lost its memory gives the same
/// order again, and nodes take the same order twice as one.
/// </summary>
/// <param name="Node">Whom to give it to; null when no node was ever involved.</param>
public abstract record InstanceOrder(string? Node)
{
    public sealed record Start(string Node, StartRun Run) : InstanceOrder(Node);

    public sealed record Stop(string Node, RunKey Run, string Signal, TimeSpan Timeout) : InstanceOrder(Node);

    public sealed record Pause(string Node, RunKey Run) : InstanceOrder(Node);

    public sealed record Resume(string Node, RunKey Run) : InstanceOrder(Node);

    /// <summary>The instance is deleted and nothing of it retained: what the node keeps of it goes, then the state.</summary>
    public sealed record Remove(string? Node, Guid InstanceId) : InstanceOrder(Node);

    /// <summary>The order that <paramref name="state"/> waits for; null when it waits for none.</summary>
    public static InstanceOrder? Of(InstanceState state)
    {
        if (state.Snapshot is { Status: InstanceStatus.Deleted } deleted)
        {
            return deleted.DueAt is null ? new Remove(deleted.Node, deleted.Id) : null;
        }

        if (state.Snapshot is not { Node: { } node } instance)
        {
            return null;
        }

        var run = new RunKey(instance.Id, instance.Epoch);
        var spec = state.Begun ?? instance.Spec;
        return instance.Status switch
        {
            InstanceStatus.Starting => new Start(node, new StartRun(run, spec, state.Incarnation, state.Console?.From ?? 0)),
            InstanceStatus.Pausing => new Pause(node, run),
            InstanceStatus.Paused when state.Goal == InstanceGoal.Resume => new Resume(node, run),
            InstanceStatus.Stopping when state.Kill => new Stop(node, run, "SIGKILL", TimeSpan.Zero),
            InstanceStatus.Stopping => new Stop(node, run, spec.Stop.Signal, TimeSpan.FromSeconds(spec.Stop.TimeoutSeconds)),
            _ => null,
        };
    }
}
