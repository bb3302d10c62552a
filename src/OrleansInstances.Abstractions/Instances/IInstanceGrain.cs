using Orleans.Concurrency;
using OrleansInstances.Nodes;

namespace OrleansInstances.Instances;

/// <summary>
/// One instance: the owner of its lifecycle and of the durable handle of what runs. A request answers as soon as its
/// intent is stored; the outcome comes as a later version of the snapshot (<see cref="WaitAsync"/>).
/// </summary>
[Alias("oi.IInstanceGrain")]
public interface IInstanceGrain : IGrainWithGuidKey
{
    /// <summary>Creates the instance; a second call on the same id answers what is there.</summary>
    /// <param name="spec">What to run.</param>
    /// <param name="owner">Who it belongs to.</param>
    /// <param name="start">Whether to start it at once.</param>
    [Alias("create")]
    Task<InstanceReply> CreateAsync(InstanceSpec spec, string owner, bool start);

    /// <summary>The instance as last stored. Answers also while a request is being stored.</summary>
    [Alias("get")]
    [AlwaysInterleave]
    Task<InstanceReply> GetAsync();

    /// <summary>Like <see cref="GetAsync"/>, and a deleted instance too as long as its output is kept.</summary>
    [Alias("get_retained")]
    [AlwaysInterleave]
    Task<InstanceReply> GetRetainedAsync();

    /// <summary>Answers as soon as the stored version is above <paramref name="version"/>, or after <paramref name="atMost"/> with what there is.</summary>
    /// <param name="version">The version the caller has.</param>
    /// <param name="atMost">Up to 25 s.</param>
    [Alias("wait")]
    [AlwaysInterleave]
    Task<InstanceReply> WaitAsync(long version, TimeSpan atMost);

    [Alias("start")]
    Task<InstanceReply> StartAsync();

    [Alias("stop")]
    Task<InstanceReply> StopAsync();

    /// <summary>Ends the whole tree with SIGKILL at once.</summary>
    [Alias("kill")]
    Task<InstanceReply> KillAsync();

    [Alias("pause")]
    Task<InstanceReply> PauseAsync();

    [Alias("resume")]
    Task<InstanceReply> ResumeAsync();

    /// <summary>Stops what runs, if anything, then starts it with a new epoch.</summary>
    [Alias("restart")]
    Task<InstanceReply> RestartAsync();

    /// <summary>Stops what runs and starts it on another node. Refused for an instance that waits for its node (<c>stays</c>), and when no other node would take it (<c>nowhere_to_go</c>).</summary>
    [Alias("move")]
    Task<InstanceReply> MoveAsync();

    /// <summary>Sends a signal to the program's own process; the lifecycle is not touched.</summary>
    [Alias("signal")]
    Task<InstanceReply> SignalAsync(string signal);

    /// <summary>Notes that a command is about to run beside its program, and says where; refused unless it is running.</summary>
    [Alias("begin_exec")]
    Task<ExecTicket> BeginExecAsync(ExecCommand command);

    /// <summary>Notes how such a command ended, once.</summary>
    [Alias("end_exec")]
    Task EndExecAsync(Guid execId, ExecEnd end);

    /// <summary>Puts something that happened outside of it into its event log; only the first note of a type counts.</summary>
    [Alias("note")]
    Task<InstanceReply> NoteAsync(InstanceNote note);

    [Alias("update")]
    Task<InstanceReply> UpdateAsync(InstancePatch patch);

    /// <summary>Stops what runs, then removes the instance, and its output when the time is over that it is retained for.</summary>
    [Alias("delete")]
    Task<InstanceReply> DeleteAsync();

    /// <summary>The node's word on one start attempt. Answers true when it is stored or no longer matters, so that the node may forget it.</summary>
    [Alias("report")]
    Task<bool> ReportAsync(RunReport report);

    /// <summary>Looks at what is unfinished or due and carries it on. Harmless at any time.</summary>
    [Alias("wake")]
    Task WakeAsync();
}
