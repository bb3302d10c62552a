using System.Collections.Immutable;

namespace OrleansInstances.Nodes;

/// <summary>
/// The way to one node's runtime, keyed by the node's name. Orders answer "accepted" at once; what became of them is
/// reported to the instance's grain.
/// </summary>
[Alias("oi.INodeGrain")]
public interface INodeGrain : IGrainWithStringKey
{
    /// <summary>Starts a run, once, whatever number of times it is asked. An epoch that the node has passed is refused.</summary>
    [Alias("start")]
    Task<NodeReply> StartAsync(StartRun order);

    /// <summary>Signals the whole tree, kills what is left after the timeout. A run that never started is closed for good.</summary>
    [Alias("stop")]
    Task<NodeReply> StopAsync(RunKey run, string signal, TimeSpan timeout);

    [Alias("pause")]
    Task<NodeReply> PauseAsync(RunKey run);

    [Alias("resume")]
    Task<NodeReply> ResumeAsync(RunKey run);

    /// <summary>Sends a signal to the program's own process.</summary>
    [Alias("signal")]
    Task<NodeReply> SignalAsync(RunKey run, string signal);

    /// <summary>Removes what the node keeps of an instance that no longer runs.</summary>
    [Alias("remove")]
    Task<NodeReply> RemoveAsync(Guid instanceId);

    /// <summary>What the node knows of a run; null when it never heard of it.</summary>
    [Alias("inspect")]
    Task<RunReport?> InspectAsync(RunKey run);

    /// <summary>Offers bytes to the stdin of a run; takes what fits without waiting.</summary>
    [Alias("input")]
    Task<InputReply> WriteInputAsync(RunKey run, ReadOnlyMemory<byte> data, bool close);

    /// <summary>Reads a piece of an instance's console; null when the node has nothing of it.</summary>
    [Alias("output")]
    Task<OutputSlice?> ReadOutputAsync(OutputQuery query);

    /// <summary>Publishes an instance's output on its stream (<see cref="OutputStreams"/>) for a minute from now.</summary>
    [Alias("watch_output")]
    Task<WatchReply> WatchOutputAsync(Guid instanceId);

    /// <summary>
    /// Runs a command beside the program of a run that is running. The session is read until its end; the node ends one that
    /// nobody has read for a while, and with it all that the command started.
    /// </summary>
    [Alias("open_exec")]
    Task<ExecOpened> OpenExecAsync(ExecOrder order);

    /// <summary>What a command wrote, as soon as there is something, or nothing after <paramref name="wait"/>. One reader at a time.</summary>
    /// <param name="wait">Up to 20 s.</param>
    [Alias("read_exec")]
    Task<ExecOutput> ReadExecAsync(Guid execId, TimeSpan wait);

    /// <summary>
    /// Hands bytes to a command's stdin; waits while it has not read what it was sent before. False when that took too long
    /// and nothing was taken: send the same again. What a command takes no more, or that is over, is dropped.
    /// </summary>
    /// <param name="data">Not to be changed afterwards.</param>
    /// <param name="close">Nothing follows. On a terminal that is what Ctrl-D sends.</param>
    [Alias("write_exec")]
    Task<bool> WriteExecAsync(Guid execId, [Immutable] ReadOnlyMemory<byte> data, bool close);

    /// <summary>Gives a command's terminal another size, if it has one.</summary>
    [Alias("resize_exec")]
    Task ResizeExecAsync(Guid execId, TerminalSize size);

    /// <summary>Ends a command and all that it started. Harmless when it is over.</summary>
    [Alias("close_exec")]
    Task CloseExecAsync(Guid execId);

    /// <summary>The sessions that are open beside an instance's program, oldest first.</summary>
    [Alias("list_execs")]
    Task<ImmutableArray<ExecInfo>> ListExecsAsync(Guid instanceId);

    /// <summary>What the running ones among these use; samples are at most a second old.</summary>
    [Alias("usage")]
    Task<ImmutableArray<InstanceUsage>> GetUsageAsync(ImmutableArray<Guid> instanceIds);
}
