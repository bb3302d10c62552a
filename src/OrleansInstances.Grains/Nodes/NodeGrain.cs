using System.Collections.Immutable;
using Orleans.Concurrency;
using OrleansInstances.Nodes;

namespace OrleansInstances.Grains.Nodes;

/// <summary>
/// The node's runtime as a grain. Reentrant because it holds no state of its own: the runtime keeps order per instance,
/// and one slow read must not hold up the orders of others.
/// </summary>
[GrainType("node")]
[Reentrant]
[OnItsNode]
public sealed class NodeGrain(INodeRuntime runtime) : Grain, INodeGrain
{
    public Task<NodeReply> StartAsync(StartRun order) => runtime.StartAsync(order).AsTask();

    public Task<NodeReply> StopAsync(RunKey run, string signal, TimeSpan timeout) => runtime.StopAsync(run, signal, timeout).AsTask();

    public Task<NodeReply> PauseAsync(RunKey run) => runtime.PauseAsync(run).AsTask();

    public Task<NodeReply> ResumeAsync(RunKey run) => runtime.ResumeAsync(run).AsTask();

    public Task<NodeReply> SignalAsync(RunKey run, string signal) => runtime.SignalAsync(run, signal).AsTask();

    public Task<NodeReply> RemoveAsync(Guid instanceId) => runtime.RemoveAsync(instanceId).AsTask();

    public Task<RunReport?> InspectAsync(RunKey run) => runtime.InspectAsync(run).AsTask();

    public Task<InputReply> WriteInputAsync(RunKey run, ReadOnlyMemory<byte> data, bool close) => runtime.WriteInputAsync(run, data, close).AsTask();

    public Task<OutputSlice?> ReadOutputAsync(OutputQuery query) => runtime.ReadOutputAsync(query).AsTask();

    public Task<WatchReply> WatchOutputAsync(Guid instanceId) => runtime.WatchOutputAsync(instanceId).AsTask();

    public Task<ExecOpened> OpenExecAsync(ExecOrder order) => runtime.Execs.OpenAsync(order);

    public Task<ExecOutput> ReadExecAsync(Guid execId, TimeSpan wait) => runtime.Execs.ReadAsync(execId, wait);

    public Task<bool> WriteExecAsync(Guid execId, ReadOnlyMemory<byte> data, bool close) => runtime.Execs.WriteAsync(execId, data, close);

    public Task ResizeExecAsync(Guid execId, TerminalSize size)
    {
        runtime.Execs.Resize(execId, size);
        return Task.CompletedTask;
    }

    public Task CloseExecAsync(Guid execId) => runtime.Execs.CloseAsync(execId);

    public Task<ImmutableArray<ExecInfo>> ListExecsAsync(Guid instanceId) => Task.FromResult(runtime.Execs.List(instanceId));

    public Task<ImmutableArray<InstanceUsage>> GetUsageAsync(ImmutableArray<Guid> instanceIds) => runtime.GetUsageAsync(instanceIds).AsTask();
}
