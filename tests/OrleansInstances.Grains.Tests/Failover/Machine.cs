using OrleansInstances.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Grains.Tests.Failover;

/// <summary>One node in the model: its silo, which may be cut off, and its keeper, which goes on by itself. Time is in ticks.</summary>
internal sealed class Machine(string name, FailoverRules rules)
{
    private readonly Dictionary<long, RunReport> _reports = [];
    private (long Epoch, bool Move)? _alive;
    private long _highest;
    private string _leaseFor = "";
    private int _leaseUntil;

    public string Name => name;

    public bool IsConnected { get; set; } = true;

    /// <summary>What its silo goes by; 0 while it is not registered.</summary>
    public long Incarnation { get; set; }

    /// <summary>The renewal under way: when it was noted that it is sent, and whether the table has taken it.</summary>
    public (int SentAt, bool IsTaken)? Renewal { get; set; }

    public long? AliveEpoch => _alive?.Epoch;

    /// <summary>What it has to tell, one report an epoch, never taken back.</summary>
    public IReadOnlyCollection<RunReport> Reports => _reports.Values;

    public void Lease(long incarnation, int until)
    {
        var lease = incarnation.ToString(System.Globalization.CultureInfo.InvariantCulture);
        (_leaseFor, _leaseUntil) = (lease, _leaseFor == lease ? Math.Max(until, _leaseUntil) : until);
    }

    /// <summary>The keeper's clock.</summary>
    public void Tick(int now)
    {
        if (now >= _leaseUntil && rules.KeeperKills)
        {
            KillMoving();
        }
    }

    /// <summary>What comes before a new registration.</summary>
    public void Fence()
    {
        (Incarnation, Renewal) = (0, null);
        (_leaseFor, _leaseUntil) = ("fenced", 0);
        if (rules.RejoinKills)
        {
            KillMoving();
        }
    }

    public void BreakDown()
    {
        _alive = null;
        Fence();
    }

    public NodeReply Start(StartRun order, int now)
    {
        var (epoch, move) = (order.Run.Epoch, order.Spec.OnNodeLoss == NodeLossPolicy.Move);
        if (epoch == _highest)
        {
            return NodeReply.Accepted;
        }

        if (order.Incarnation != Incarnation && rules.NodeRefusesOtherIncarnations)
        {
            return Refuse(Incarnation == 0 ? RefusalKind.Unavailable : RefusalKind.Conflict, Incarnation == 0 ? "node_joining" : NodeReply.StaleIncarnation);
        }

        if (epoch < _highest || _alive is not null)
        {
            return Refuse(RefusalKind.Conflict, "stale_epoch");
        }

        _highest = epoch;
        if (move && (now >= _leaseUntil || _leaseFor != Incarnation.ToString(System.Globalization.CultureInfo.InvariantCulture)))
        {
            Tell(epoch, RunPhase.NoRoom);
            return NodeReply.Accepted;
        }

        _alive = (epoch, move);
        Tell(epoch, RunPhase.Running);
        return NodeReply.Accepted;
    }

    public NodeReply Stop(RunKey run)
    {
        if (run.Epoch > _highest && _alive is null)
        {
            _highest = run.Epoch;
            Tell(run.Epoch, RunPhase.Exited);
        }
        else if (run.Epoch == _highest)
        {
            Exit();
        }

        return NodeReply.Accepted;
    }

    /// <summary>The program ends by itself, or is ended.</summary>
    public void Exit()
    {
        if (_alive is { } alive)
        {
            _alive = null;
            Tell(alive.Epoch, RunPhase.Exited);
        }
    }

    public RunReport? Inspect(RunKey run) => run.Epoch > _highest ? null : _reports.GetValueOrDefault(run.Epoch) ?? Report(run.Epoch, RunPhase.Exited);

    private void KillMoving()
    {
        if (_alive is { Move: true } alive)
        {
            _alive = null;
            Tell(alive.Epoch, RunPhase.Exited, fenced: true);
        }
    }

    private void Tell(long epoch, RunPhase phase, bool fenced = false) => _reports[epoch] = Report(epoch, phase) with { Fenced = fenced };

    private RunReport Report(long epoch, RunPhase phase) => new()
    {
        Run = new RunKey(FailoverModel.Id, epoch),
        Phase = phase,
        Node = name,
        At = DateTimeOffset.UnixEpoch,
    };

    private static NodeReply Refuse(RefusalKind kind, string code) => new(new Refusal(kind, code, code));
}
