using OrleansInstances.Grains.Instances;
using OrleansInstances.Grains.Tests.Instances;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Grains.Tests.Failover;

/// <summary>
/// One instance, two nodes, the node table, two silos that have copies of it and wait for fences, and a network that loses,
/// delays and repeats. The instance's rules are the real ones; everything else is the least that behaves as it should. Kills
/// take no time here, so there is no margin for them.
/// </summary>
internal sealed class FailoverModel
{
    public static readonly Guid Id = Given.Id;

    private static readonly InstanceInput[] Requests =
    [
        new InstanceInput.Start(), new InstanceInput.Start(), new InstanceInput.Stop(), new InstanceInput.Restart(), new InstanceInput.Kill(), new InstanceInput.Move(), new InstanceInput.Move(),
    ];

    private readonly FailoverRules _rules;
    private readonly Machine[] _machines;
    private readonly Dictionary<string, Row> _table = [];
    private readonly NodeSnapshot[][] _copies = [[], []];
    private readonly Dictionary<(string, long), int>[] _waiting = [[], []];
    private readonly List<InstanceOrder> _network = [];
    private long _sequence;
    private int _now;

    /// <summary>The table's clock, which nobody compares with another one, and which jumps.</summary>
    private int _tableNow;

    public FailoverModel(NodeLossPolicy policy, FailoverRules rules)
    {
        _rules = rules;
        _machines = [new Machine("alpha", rules), new Machine("beta", rules)];
        foreach (var machine in _machines)
        {
            Join(machine);
        }

        Refresh(0);
        Refresh(1);
        var spec = Given.Spec with { OnNodeLoss = policy, Restart = new RestartSpec(RestartPolicy.OnFailure, BackoffSeconds: 1) };
        State = InstanceLifecycle.Apply(new InstanceState(), new InstanceInput.Create(Id, 1, spec, "me", true), Context(0)).State;
    }

    public InstanceState State { get; private set; }

    public int Alive => _machines.Count(machine => machine.AliveEpoch is not null);

    /// <summary>The node where the current epoch is alive.</summary>
    public string? RunsOn => _machines.FirstOrDefault(machine => machine.AliveEpoch == State.Snapshot!.Epoch)?.Name;

    /// <summary>One thing that happens; any number is one.</summary>
    public void Step(int choice)
    {
        var (what, which, more) = (choice % 32, choice / 32 % 2, choice / 64);
        var machine = _machines[which];
        switch (what)
        {
            case < 7:
                Tick();
                break;
            case < 11:
                Watch(which, _machines[more % 2].Name);
                break;
            case < 14:
                Refresh(which);
                break;
            case < 17:
                Apply(new InstanceInput.Due(), which);
                break;
            case < 21:
                Give(which, replyIsLost: more % 4 == 0);
                break;
            case < 23:
                Deliver(machine, which, more);
                break;
            case < 26:
                Renew(machine);
                break;
            case 26:
                Repeat(more);
                break;
            case 27:
                Apply(Requests[more % Requests.Length], which);
                break;
            case 28:
                machine.IsConnected = false;
                break;
            case 29:
                machine.IsConnected = true;
                break;
            case 30:
                Inspect(which);
                break;
            default:
                HappenSeldom(machine, more);
                break;
        }
    }

    /// <summary>Everything is connected and goes its way until nothing is left to do.</summary>
    public void Settle()
    {
        for (var round = 0; round < 8 * Row.Lease; round++)
        {
            Tick();
            foreach (var machine in _machines)
            {
                machine.IsConnected = true;
                for (var step = 0; step < 3; step++)
                {
                    Renew(machine);
                }

                Watch(0, machine.Name);
                Refresh(0);
                Deliver(machine, 0, round);
                Inspect(0);
                Apply(new InstanceInput.Due(), 0);
                Give(0, replyIsLost: false);
            }
        }
    }

    private LifecycleContext Context(int silo) => new(DateTimeOffset.UnixEpoch.AddSeconds(_now), 0, _copies[silo]);

    private void Tick()
    {
        _now++;
        _tableNow++;
        foreach (var machine in _machines)
        {
            machine.Tick(_now);
        }
    }

    private void Refresh(int silo) => _copies[silo] = [.. _table.Values.Select(row => row.Show(_tableNow))];

    /// <summary>A silo looks at a row as the one that waits: takes the lease away, notes that it is, or says that it has waited.</summary>
    private void Watch(int silo, string name)
    {
        var row = _table[name];
        if (row is { IsRevoked: false, IsRemoved: false } && row.IsStale(_tableNow))
        {
            _table[name] = row = row with { IsRevoked = true };
        }

        if (row is { IsRevoked: true, IsFenced: false })
        {
            _waiting[silo].TryAdd((name, row.Incarnation), _now);
            if (!_rules.WaiterWaits || _now - _waiting[silo][(name, row.Incarnation)] >= Row.Lease)
            {
                _table[name] = row with { IsFenced = true };
            }
        }
    }

    /// <summary>The next step of a node's membership: note the time and send, have it taken, tell the keeper.</summary>
    private void Renew(Machine machine)
    {
        if (machine.Renewal is { IsTaken: true } taken)
        {
            machine.Lease(machine.Incarnation, (_rules.LeaseCountsFromBeforeSending ? taken.SentAt : _now) + Row.Lease);
            machine.Renewal = null;
        }
        else if (!machine.IsConnected)
        {
            machine.Renewal = null;
        }
        else if (machine.Incarnation == 0)
        {
            Join(machine);
        }
        else if (machine.Renewal is not { } sent)
        {
            machine.Renewal = (_now, false);
        }
        else if (_table[machine.Name] is { IsRemoved: false } row && row.Incarnation == machine.Incarnation && !(row.IsRevoked && _rules.RevokedCannotRenew))
        {
            _table[machine.Name] = row with { SeenAt = _tableNow };
            machine.Renewal = (sent.SentAt, true);
        }
        else
        {
            machine.Fence();
        }
    }

    private void Join(Machine machine)
    {
        var incarnation = ++_sequence;
        var since = _table.TryGetValue(machine.Name, out var before) && !before.IsRemoved ? before.Since : incarnation;
        _table[machine.Name] = new Row(machine.Name, incarnation, since, _tableNow);
        machine.Lease(incarnation, _now + Row.Lease);
        machine.Incarnation = incarnation;
    }

    private void Apply(InstanceInput input, int silo) => State = InstanceLifecycle.Apply(State, input, Context(silo)).State;

    /// <summary>The grain gives the order that its state calls for.</summary>
    private void Give(int silo, bool replyIsLost)
    {
        if (InstanceOrder.Of(State) is not { } order)
        {
            return;
        }

        _network.Add(order);
        if (Take(order) is { Refusal: { Kind: not RefusalKind.Unavailable } refusal } && !replyIsLost)
        {
            Apply(new InstanceInput.OrderRefused(refusal), silo);
        }
    }

    /// <summary>An order that was given at any time arrives again, or only now; nobody waits for its reply any more.</summary>
    private void Repeat(int which)
    {
        if (_network.Count > 0)
        {
            Take(_network[which % _network.Count]);
        }
    }

    private NodeReply? Take(InstanceOrder order)
    {
        var machine = _machines.First(machine => machine.Name == order.Node);
        return (machine.IsConnected, order) switch
        {
            (false, _) => null,
            (_, InstanceOrder.Start start) => machine.Start(start.Run, _now),
            (_, InstanceOrder.Stop stop) => machine.Stop(stop.Run),
            _ => NodeReply.Accepted,
        };
    }

    private void Deliver(Machine machine, int silo, int which)
    {
        if (machine.IsConnected && machine.Reports.Count > 0)
        {
            var report = machine.Reports.ElementAt(which % machine.Reports.Count);
            Apply(new InstanceInput.Reported(report), silo);
        }
    }

    private void Inspect(int silo)
    {
        if (State.Snapshot is { Status: InstanceStatus.Running, Node: { } node } instance
            && _machines.First(machine => machine.Name == node) is { IsConnected: true } machine)
        {
            var run = new RunKey(Id, instance.Epoch);
            Apply(new InstanceInput.Reported(machine.Inspect(run) ?? new RunReport { Run = run, Phase = RunPhase.Exited, Node = node, At = DateTimeOffset.UnixEpoch }), silo);
        }
    }

    private void HappenSeldom(Machine machine, int which)
    {
        switch (which % 4)
        {
            case 0:
                machine.Exit();
                break;
            case 2:
                _tableNow += Row.Lease + 1;
                break;
            case 1 when _table[machine.Name] is { IsFenced: true, IsRemoved: false } row:
                // An operator says that the machine is gone, and it is.
                machine.BreakDown();
                _table[machine.Name] = row with { IsRemoved = true };
                break;
        }
    }
}
