using System.Collections.Immutable;
using OrleansInstances.Nodes;

namespace OrleansInstances.Grains.Nodes;

/// <summary>
/// What runs instances on this machine, behind <see cref="INodeGrain"/>: same operations, same answers. Every order is
/// idempotent by run; outcomes go to the instance's grain until it accepts them.
/// </summary>
public interface INodeRuntime
{
    ValueTask<NodeReply> StartAsync(StartRun order);

    ValueTask<NodeReply> StopAsync(RunKey run, string signal, TimeSpan timeout);

    ValueTask<NodeReply> PauseAsync(RunKey run);

    ValueTask<NodeReply> ResumeAsync(RunKey run);

    ValueTask<NodeReply> SignalAsync(RunKey run, string signal);

    ValueTask<NodeReply> RemoveAsync(Guid instanceId);

    ValueTask<RunReport?> InspectAsync(RunKey run);

    ValueTask<InputReply> WriteInputAsync(RunKey run, ReadOnlyMemory<byte> data, bool close);

    ValueTask<OutputSlice?> ReadOutputAsync(OutputQuery query);

    ValueTask<WatchReply> WatchOutputAsync(Guid instanceId);

    /// <summary>Commands beside the programs of runs.</summary>
    INodeExecs Execs { get; }

    ValueTask<ImmutableArray<InstanceUsage>> GetUsageAsync(ImmutableArray<Guid> instanceIds);
}
