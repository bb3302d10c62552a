using System.Collections.Concurrent;
using System.Collections.Immutable;
using OrleansInstances.Grains.Nodes;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Simulation.Machines;

/// <summary>What one silo runs its machine with: passes orders on to the keeper, and its reports to the grains until they are taken.</summary>
internal sealed class SimulatedNode(SimulatedMachine machine, SiloLink link, IGrainFactory grains, TimeProvider time) : INodeRuntime, ILeasedRuntime
{
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(1);

    private readonly Guid _adopter = Guid.NewGuid();
    private readonly ConcurrentDictionary<RunKey, bool> _own = new();
    private readonly Dictionary<Guid, Task> _courier = [];

    /// <summary>Carries a start out: makes it late, makes it twice, loses its answer.</summary>
    public Func<StartRun, Func<NodeReply>, ValueTask<NodeReply>> OnStart { get; set; } = (_, take) => new(take());

    public INodeExecs Execs => throw new NotSupportedException();

    public NodeUse Used => machine.Used;

    public bool HasTaken(RunKey run) => machine.Find(run.InstanceId)?.Run.Epoch >= run.Epoch;

    public long Incarnation { get; set; }

    public bool HoldsInstances => machine.Runs.Any();

    public long BootTimeMs => machine.BootTimeMs;

    /// <summary>Takes up what runs on the machine.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        machine.Changed = Report;
        foreach (var run in machine.Runs.Where(run => !run.Acknowledged))
        {
            Report(run);
        }

        return Task.CompletedTask;
    }

    public Task<Refusal?> LeaseAsync(long incarnation, long untilMs)
    {
        link.DemandLife();
        machine.Lease(untilMs);
        return Task.FromResult<Refusal?>(null);
    }

    public Task FenceAsync(CancellationToken cancellationToken)
    {
        link.DemandLife();
        Incarnation = 0;
        machine.Fence();
        return Task.CompletedTask;
    }

    public ValueTask<NodeReply> StartAsync(StartRun order) => OnStart(order, () =>
    {
        link.DemandLife();
        if (Refuse(order) is { } refusal)
        {
            return new NodeReply(refusal);
        }

        _own[order.Run] = true;
        return new NodeReply(machine.Start(order));
    });

    public ValueTask<NodeReply> StopAsync(RunKey run, string signal, TimeSpan timeout) => Take(() => machine.Stop(run, signal));

    public ValueTask<NodeReply> PauseAsync(RunKey run) => Take(() => machine.Pause(run));

    public ValueTask<NodeReply> ResumeAsync(RunKey run) => Take(() => machine.Resume(run));

    public ValueTask<NodeReply> SignalAsync(RunKey run, string signal) => Take(() => { });

    public ValueTask<NodeReply> RemoveAsync(Guid instanceId) => Take(() => machine.Remove(instanceId));

    public ValueTask<RunReport?> InspectAsync(RunKey run)
    {
        link.DemandLife();
        return new(machine.Find(run.InstanceId) switch
        {
            { } known when known.Run.Epoch == run.Epoch => Describe(known),
            { } known when known.Run.Epoch > run.Epoch => Describe(known with { Run = run, Phase = RunPhase.Exited, ExitCode = null, Signal = null }),
            _ => null,
        });
    }

    public ValueTask<InputReply> WriteInputAsync(RunKey run, ReadOnlyMemory<byte> data, bool close) => new(new InputReply(data.Length, null));

    public ValueTask<OutputSlice?> ReadOutputAsync(OutputQuery query) => new((OutputSlice?)null);

    public ValueTask<WatchReply> WatchOutputAsync(Guid instanceId) => new(new WatchReply(null, 0, TimeSpan.Zero));

    public ValueTask<ImmutableArray<InstanceUsage>> GetUsageAsync(ImmutableArray<Guid> instanceIds) => new([]);

    private Refusal? Refuse(StartRun order)
    {
        if (machine.Find(order.Run.InstanceId)?.Run.Epoch == order.Run.Epoch || order.Incarnation == Incarnation)
        {
            return null;
        }

        return Incarnation == 0
            ? new Refusal(RefusalKind.Unavailable, "node_joining", "The node is not registered yet.")
            : new Refusal(RefusalKind.Conflict, "stale_incarnation", $"The start was meant for registration {order.Incarnation} of the node, which is at {Incarnation}.");
    }

    private ValueTask<NodeReply> Take(Action order)
    {
        link.DemandLife();
        order();
        return new(NodeReply.Accepted);
    }

    /// <summary>Not on the caller's turn, and in order within an instance.</summary>
    private void Report(MachineRun run)
    {
        lock (_courier)
        {
            var before = _courier.GetValueOrDefault(run.Run.InstanceId, Task.CompletedTask);
            _courier[run.Run.InstanceId] = Task.Run(() => DeliverAsync(before, run));
        }
    }

    private async Task DeliverAsync(Task before, MachineRun run)
    {
        await before;
        var report = Describe(run);
        while (!link.IsDead)
        {
            try
            {
                if (await grains.GetGrain<IInstanceGrain>(run.Run.InstanceId).ReportAsync(report))
                {
                    break;
                }
            }
            catch (Exception)
            {
                // Whatever it was: it is told again.
            }

            await Task.Delay(Again, time);
        }

        if (!run.IsAlive && !link.IsDead)
        {
            machine.Acknowledge(run.Run);
        }
    }

    private RunReport Describe(MachineRun run)
    {
        var adopted = !_own.ContainsKey(run.Run);
        return new RunReport
        {
            Run = run.Run,
            Phase = run.Phase,
            Node = machine.Name,
            At = run.At,
            Adopted = adopted,
            AdoptedBy = adopted ? _adopter : default,
            ExternalId = $"{machine.Name}/{run.Run.Epoch}",
            ExitCode = run.ExitCode,
            Signal = run.Signal,
            Message = run.Message,
            StopRequested = run.StopRequested,
            Fenced = run.Fenced,
        };
    }
}
