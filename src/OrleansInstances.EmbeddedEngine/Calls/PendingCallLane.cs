namespace OrleansInstances.EmbeddedEngine.Calls;

/// <summary>
/// Calls that wait for their answer, oldest first. They are linked through themselves: to wait allocates nothing, and
/// to end a wait is not a search.
/// </summary>
internal sealed class PendingCallLane
{
    private readonly Lock _gate = new();
    private PendingCall? _oldest;
    private PendingCall? _latest;

    public void Add(PendingCall call)
    {
        lock (_gate)
        {
            call.Lane = this;
            call.SentAt = Environment.TickCount64;
            call.Earlier = _latest;
            if (_latest is null)
            {
                _oldest = call;
            }
            else
            {
                _latest.Later = call;
            }

            _latest = call;
        }
    }

    public void Remove(PendingCall call)
    {
        lock (_gate)
        {
            if (call.Lane is null)
            {
                return;
            }

            if (call.Earlier is null)
            {
                _oldest = call.Later;
            }
            else
            {
                call.Earlier.Later = call.Later;
            }

            if (call.Later is null)
            {
                _latest = call.Earlier;
            }
            else
            {
                call.Later.Earlier = call.Earlier;
            }

            call.Lane = null;
            call.Earlier = null;
            call.Later = null;
        }
    }

    /// <summary>The oldest call when it was sent before <paramref name="sentBefore"/>; it stays.</summary>
    public PendingCall? PeekExpired(long sentBefore)
    {
        lock (_gate)
        {
            return _oldest?.SentAt < sentBefore ? _oldest : null;
        }
    }
}
