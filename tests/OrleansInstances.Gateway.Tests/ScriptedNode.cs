using System.Collections.Concurrent;
using System.Collections.Immutable;
using OrleansInstances.Grains.Nodes;
using OrleansInstances.Nodes;

namespace OrleansInstances.Gateway.Tests;

/// <summary>A node's grain with a console in memory and the usages it is given.</summary>
internal sealed class ScriptedNode : INodeGrain
{
    public ConcurrentQueue<string> Calls { get; } = new();

    public Dictionary<Guid, InstanceUsage> Usages { get; } = [];

    public Func<ImmutableArray<Guid>, Task<ImmutableArray<InstanceUsage>>>? OnUsage { get; set; }

    public Func<OutputQuery, OutputSlice?> OnOutput { get; set; } = _ => null;

    public Func<RunKey, byte[], bool, InputReply> OnInput { get; set; } = (_, data, _) => new InputReply(data.Length, null);

    public Task<ImmutableArray<InstanceUsage>> GetUsageAsync(ImmutableArray<Guid> instanceIds)
    {
        Calls.Enqueue($"usage {instanceIds.Length}");
        return OnUsage is { } answer
            ? answer(instanceIds)
            : Task.FromResult<ImmutableArray<InstanceUsage>>([.. instanceIds.Where(Usages.ContainsKey).Select(id => Usages[id])]);
    }

    public Task<OutputSlice?> ReadOutputAsync(OutputQuery query) => Task.FromResult(OnOutput(query));

    public Task<InputReply> WriteInputAsync(RunKey run, ReadOnlyMemory<byte> data, bool close) =>
        Task.FromResult(OnInput(run, data.ToArray(), close));

    /// <summary>What runs commands; none does unless a test says so.</summary>
    public INodeExecs? Execs { get; set; }

    public Task<ExecOpened> OpenExecAsync(ExecOrder order) => Execs!.OpenAsync(order);

    public Task<ExecOutput> ReadExecAsync(Guid execId, TimeSpan wait) => Execs!.ReadAsync(execId, wait);

    public Task<bool> WriteExecAsync(Guid execId, ReadOnlyMemory<byte> data, bool close) => Execs!.WriteAsync(execId, data, close);

    public Task ResizeExecAsync(Guid execId, TerminalSize size)
    {
        Execs!.Resize(execId, size);
        return Task.CompletedTask;
    }

    public Task CloseExecAsync(Guid execId) => Execs!.CloseAsync(execId);

    public Task<ImmutableArray<ExecInfo>> ListExecsAsync(Guid instanceId) => Task.FromResult(Execs?.List(instanceId) ?? []);

    public Task<WatchReply> WatchOutputAsync(Guid instanceId) => throw new NotSupportedException();

    public Task<NodeReply> StartAsync(StartRun order) => throw new NotSupportedException();

    public Task<NodeReply> StopAsync(RunKey run, string signal, TimeSpan timeout) => throw new NotSupportedException();

    public Task<NodeReply> PauseAsync(RunKey run) => throw new NotSupportedException();

    public Task<NodeReply> ResumeAsync(RunKey run) => throw new NotSupportedException();

    public Task<NodeReply> SignalAsync(RunKey run, string signal) => throw new NotSupportedException();

    public Task<NodeReply> RemoveAsync(Guid instanceId) => throw new NotSupportedException();

    public Task<RunReport?> InspectAsync(RunKey run) => throw new NotSupportedException();
}
