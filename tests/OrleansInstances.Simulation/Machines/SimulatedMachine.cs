using OrleansInstances.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Simulation.Machines;

/// <summary>A machine with its keeper and processes: all that outlives a silo. It obeys the rules that the real keeper obeys.</summary>
internal sealed class SimulatedMachine
{
    private const string LeaseOver = "The lease is over.";

    private readonly Processes _processes;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, MachineRun> _runs = [];
    private readonly ITimer _fence;
    private long? _leasedUntil;

    public SimulatedMachine(MachinePlan plan, Processes processes, TimeProvider time)
    {
        Plan = plan;
        _processes = processes;
        _time = time;
        _fence = time.CreateTimer(_ => Fence(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public MachinePlan Plan { get; }

    public string Name => Plan.Name;

    public Guid Id { get; } = Guid.NewGuid();

    /// <summary>The clock of leases.</summary>
    public long BootTimeMs => _time.GetTimestamp() / (_time.TimestampFrequency / 1000);

    /// <summary>Whether the keeper kills what may move when its lease is over. Turned off to see that tests notice.</summary>
    public bool Fences { get; set; } = true;

    /// <summary>Told of every change.</summary>
    public Action<MachineRun> Changed { get; set; } = _ => { };

    public NodeUse Used
    {
        get
        {
            var alive = Runs.Where(run => run.IsAlive).Select(run => run.Spec.Limits).ToList();
            return new NodeUse(alive.Count, alive.Sum(limits => limits.Cpus), alive.Sum(limits => limits.MemoryMb));
        }
    }

    public IReadOnlyList<MachineRun> Runs
    {
        get
        {
            lock (_gate)
            {
                return [.. _runs.Values];
            }
        }
    }

    public MachineRun? Find(Guid instance)
    {
        lock (_gate)
        {
            return _runs.GetValueOrDefault(instance);
        }
    }

    /// <summary>Starts it once; the run that is there is the answer to any later order of its epoch.</summary>
    public Refusal? Start(StartRun order)
    {
        MachineRun run;
        lock (_gate)
        {
            var known = _runs.GetValueOrDefault(order.Run.InstanceId);
            if (known?.Run.Epoch > order.Run.Epoch)
            {
                return new Refusal(RefusalKind.Conflict, "stale_epoch", $"The node has passed epoch {order.Run.Epoch}: it is at {known.Run.Epoch}.");
            }

            run = known?.Run == order.Run ? known : Begin(order);
            _runs[order.Run.InstanceId] = run;
        }

        Changed(run);
        return null;
    }

    /// <summary>Ends it, or closes an epoch that never came here.</summary>
    public void Stop(RunKey run, string signal) => Change(
        run, alive => Ended(alive) with { StopRequested = true, Signal = signal }, () => new MachineRun(run, new InstanceSpec(), RunPhase.Exited, _time.GetUtcNow()) { StopRequested = true });

    public void Pause(RunKey run) => Change(run, alive => alive with { Phase = RunPhase.Paused });

    public void Resume(RunKey run) => Change(run, alive => alive with { Phase = RunPhase.Running });

    /// <summary>The program ends by itself.</summary>
    public void Exit(Guid instance, int code) => Change(Find(instance)!.Run, alive => Ended(alive) with { ExitCode = code });

    public void Remove(Guid instance)
    {
        lock (_gate)
        {
            _runs.Remove(instance);
        }
    }

    /// <summary>A grain has stored its end.</summary>
    public void Acknowledge(RunKey run)
    {
        lock (_gate)
        {
            if (_runs.TryGetValue(run.InstanceId, out var known) && known.Run == run)
            {
                _runs[run.InstanceId] = known with { Acknowledged = true };
            }
        }
    }

    /// <summary>What may move lives until then, and no longer.</summary>
    public void Lease(long untilMs)
    {
        lock (_gate)
        {
            _leasedUntil = untilMs;
        }

        _fence.Change(TimeSpan.FromMilliseconds(Math.Max(0, untilMs - BootTimeMs)), Timeout.InfiniteTimeSpan);
    }

    /// <summary>All that runs on it ends, and nobody hears of it.</summary>
    public void Burn()
    {
        foreach (var run in Runs)
        {
            _processes.End(run.Run);
            Remove(run.Run.InstanceId);
        }
    }

    /// <summary>Kills what may move.</summary>
    public void Fence()
    {
        if (!Fences)
        {
            return;
        }

        lock (_gate)
        {
            _leasedUntil = 0;
        }

        foreach (var run in Runs.Where(run => run is { Move: true, IsAlive: true }))
        {
            Change(run.Run, alive => Ended(alive) with { Signal = "SIGKILL", Fenced = true, Message = LeaseOver });
        }
    }

    private MachineRun Begin(StartRun order)
    {
        var run = new MachineRun(order.Run, order.Spec, RunPhase.Running, _time.GetUtcNow());
        if (run.Move && Fences && BootTimeMs >= _leasedUntil)
        {
            return run with { Phase = RunPhase.NoRoom, Message = LeaseOver };
        }

        if (Used.Instances >= Plan.MaxInstances)
        {
            return run with { Phase = RunPhase.NoRoom, Message = "The node has no room." };
        }

        _processes.Start(order.Run, Name);
        return run;
    }

    private void Change(RunKey key, Func<MachineRun, MachineRun> change, Func<MachineRun>? unknown = null)
    {
        MachineRun? run;
        lock (_gate)
        {
            _runs.TryGetValue(key.InstanceId, out run);
            if (run is { IsAlive: true } && run.Run == key)
            {
                run = change(run);
            }
            else if ((run is null || run.Run.Epoch < key.Epoch) && unknown is not null)
            {
                run = unknown();
            }

            if (run is null)
            {
                return;
            }

            _runs[key.InstanceId] = run;
            if (!run.IsAlive)
            {
                _processes.End(run.Run);
            }
        }

        Changed(run);
    }

    private MachineRun Ended(MachineRun run) => run with { Phase = RunPhase.Exited, At = _time.GetUtcNow() };
}

/// <summary>What the keeper knows of one run.</summary>
internal sealed record MachineRun(RunKey Run, InstanceSpec Spec, RunPhase Phase, DateTimeOffset At)
{
    public bool Move => Spec.OnNodeLoss == NodeLossPolicy.Move;

    public int? ExitCode { get; init; }

    public string? Signal { get; init; }

    public string? Message { get; init; }

    public bool StopRequested { get; init; }

    public bool Fenced { get; init; }

    public bool Acknowledged { get; init; }

    public bool IsAlive => Phase is RunPhase.Running or RunPhase.Paused;
}
