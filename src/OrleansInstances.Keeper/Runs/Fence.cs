using System.Text.Json;
using OrleansInstances.Keeper.Interop;
using OrleansInstances.Keeper.Loop;
using OrleansInstances.Keeper.Protocol;

namespace OrleansInstances.Keeper.Runs;

/// <summary>
/// Kills the <c>move</c> instances of a node whose lease ran out: from then on another node may start them. Armed by the
/// first lease; without one nothing is ever fenced. The clock goes on while the silo is stopped and while the machine sleeps.
/// </summary>
internal sealed partial class Fence
{
    private readonly KeeperContext _context;
    private readonly RunTable _runs;
    private readonly RunRequests _requests;
    private readonly KeeperLog _logger;
    private readonly int _timer = Posix.CreateBootTimer();
    private readonly Watch _watch;
    private Lease? _lease;

    public Fence(KeeperContext context, RunTable runs, RunRequests requests)
    {
        _context = context;
        _runs = runs;
        _requests = requests;
        _logger = context.Logger;
        _watch = context.Loop.Watch(_timer, PollEvents.In, _ => Ring());
    }

    private bool IsExpired => _lease is { } lease && Posix.BootTimeMs() >= lease.UntilMs;

    /// <summary>Goes on with the lease of an earlier keeper of this boot: what should be dead by now is killed.</summary>
    public void Restore()
    {
        if (Read() is { } lease && lease.BootId == _context.BootId)
        {
            Set(lease);
            Enforce();
        }
    }

    /// <summary>Stored before it is confirmed. The deadline of an incarnation never moves back.</summary>
    public KeeperMessage Extend(LeaseRequest request)
    {
        if (_lease is { } earlier && earlier.Incarnation == request.Incarnation && request.UntilMs < earlier.UntilMs)
        {
            return Replies.Refused(KeeperErrorCodes.Stale, $"The lease runs to {earlier.UntilMs} already.");
        }

        var lease = new Lease(request.Incarnation, request.UntilMs, _context.BootId);
        lease.Write(_context.DataFolder);
        Set(lease);
        return Replies.Done;
    }

    /// <summary>Why a run can't be started now; null when it can.</summary>
    public KeeperMessage? Refuse(StartRequest start) => start.Move switch
    {
        true when IsExpired => Replies.Refused(KeeperErrorCodes.Fenced, "The node's lease has run out: the instance may have been started elsewhere."),
        true when _lease is { } lease && start.Incarnation is { } meant && meant != lease.Incarnation =>
            Replies.Refused(KeeperErrorCodes.Fenced, $"The start was meant for registration {meant} of the node, which is at {lease.Incarnation}."),
        _ => null,
    };

    private Lease? Read()
    {
        try
        {
            return Lease.Read(_context.DataFolder);
        }
        catch (JsonException unreadable)
        {
            // There was one, and nobody knows until when: it may be over.
            LogUnreadable(unreadable);
            return new Lease("", 0, _context.BootId);
        }
    }

    private void Set(Lease lease)
    {
        _lease = lease;
        Posix.SetBootTimer(_timer, lease.UntilMs);
        _watch.Change(PollEvents.In);
    }

    private void Ring()
    {
        // Readable until it is set again: it has said all that it can say.
        _watch.Change(PollEvents.None);
        Enforce();
    }

    private void Enforce()
    {
        if (!IsExpired)
        {
            return;
        }

        var victims = _runs.Alive.Where(run => run.Record.Move).ToList();
        LogExpired(victims.Count);
        victims.ForEach(_requests.Fence);
    }
}
