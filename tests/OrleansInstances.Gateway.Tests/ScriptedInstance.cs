using System.Collections.Concurrent;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Gateway.Tests;

/// <summary>An instance's grain that does what a test says: each verb answers the snapshot, or what <see cref="On"/> makes of it.</summary>
internal sealed class ScriptedInstance(Guid id, ScriptedGrains grains) : IInstanceGrain
{
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private InstanceSnapshot? _snapshot;

    public Guid Id => id;

    public ConcurrentQueue<string> Calls { get; } = new();

    public Dictionary<string, Func<InstanceSnapshot, Task<InstanceReply>>> On { get; } = [];

    /// <summary>Runs at the begin of each wait: throw to make it fail.</summary>
    public Action BeforeWait { get; set; } = () => { };

    public InstancePatch? Patch { get; private set; }

    public InstanceSnapshot? Snapshot
    {
        get => _snapshot;
        set
        {
            _snapshot = value;
            Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        }
    }

    public void Refuse(string verb, RefusalKind kind, string code, string message) =>
        On[verb] = _ => Task.FromResult<InstanceReply>(new Refusal(kind, code, message));

    /// <summary>The verb stores the given change with the next version and answers it.</summary>
    public void Change(string verb, Func<InstanceSnapshot, InstanceSnapshot> change) =>
        On[verb] = before => Task.FromResult<InstanceReply>(Snapshot = change(before) with { Version = before.Version + 1 });

    public Task<InstanceReply> CreateAsync(InstanceSpec spec, string owner, bool start)
    {
        Calls.Enqueue("create");
        var created = new InstanceSnapshot
        {
            Id = id,
            Number = 7,
            Version = 1,
            Spec = spec,
            Owner = owner,
            Status = start ? InstanceStatus.Starting : InstanceStatus.Stopped,
            Busy = start,
            Epoch = start ? 1 : 0,
            Node = start ? "n1" : null,
            CreatedAt = Given.Created,
            UpdatedAt = Given.Created,
        };
        var reply = grains.OnCreate?.Invoke(created) ?? created;
        Snapshot = reply.Instance;
        return Task.FromResult(reply);
    }

    public Task<InstanceReply> GetAsync() =>
        On.TryGetValue("get", out var answer) ? answer(Snapshot!) : Task.FromResult(Reply());

    public Task<InstanceReply> GetRetainedAsync() => GetAsync();

    /// <summary>Ends of commands, in their order.</summary>
    public ConcurrentQueue<(Guid Id, ExecEnd End)> EndedExecs { get; } = new();

    public Task<ExecTicket> BeginExecAsync(ExecCommand command)
    {
        Calls.Enqueue("begin_exec");
        var snapshot = Snapshot!;
        return Task.FromResult(snapshot.Status == InstanceStatus.Running
            ? new ExecTicket(snapshot.Node, new ExecOrder(Guid.NewGuid(), new RunKey(id, snapshot.Epoch), command, snapshot.Spec.Env, snapshot.Spec.Cwd, snapshot.Spec.User), null)
            : new ExecTicket(null, null, new Refusal(RefusalKind.Conflict, "not_running", "The instance is not running.")));
    }

    public Task EndExecAsync(Guid execId, ExecEnd end)
    {
        EndedExecs.Enqueue((execId, end));
        return Task.CompletedTask;
    }

    public async Task<InstanceReply> WaitAsync(long version, TimeSpan atMost)
    {
        Calls.Enqueue("wait");
        BeforeWait();
        while (true)
        {
            var changed = _changed.Task;
            if (Snapshot is not { } seen || seen.Version > version)
            {
                return Reply();
            }

            await changed;
        }
    }

    public Task<InstanceReply> StartAsync() => DoAsync("start");

    public Task<InstanceReply> StopAsync() => DoAsync("stop");

    public Task<InstanceReply> KillAsync() => DoAsync("kill");

    public Task<InstanceReply> PauseAsync() => DoAsync("pause");

    public Task<InstanceReply> ResumeAsync() => DoAsync("resume");

    public Task<InstanceReply> RestartAsync() => DoAsync("restart");

    public Task<InstanceReply> SignalAsync(string signal) => DoAsync("signal " + signal);

    public Task<InstanceReply> UpdateAsync(InstancePatch patch)
    {
        Patch = patch;
        return DoAsync("update");
    }

    public Task<InstanceReply> DeleteAsync() => DoAsync("delete");

    public Task<InstanceReply> MoveAsync() => DoAsync("move");

    public Task<InstanceReply> NoteAsync(InstanceNote note) => throw new NotSupportedException();

    public Task<bool> ReportAsync(RunReport report) => throw new NotSupportedException();

    public Task WakeAsync() => throw new NotSupportedException();

    private Task<InstanceReply> DoAsync(string verb)
    {
        Calls.Enqueue(verb);
        return Snapshot is { } snapshot && On.TryGetValue(verb, out var answer) ? answer(snapshot) : Task.FromResult(Reply());
    }

    private InstanceReply Reply() => Snapshot is { } snapshot ? snapshot : Refusal.NotFound;
}
