namespace OrleansInstances.EmbeddedEngine.Calls;

/// <summary>Ends waits that took longer than the response timeout. The call itself is not ended: its outcome is unknown.</summary>
internal sealed class PendingCalls
{
    private readonly TimeSpan _timeout;

    // A lane per core keeps callers out of each other's way.
    private readonly PendingCallLane[] _lanes = new PendingCallLane[Environment.ProcessorCount];

    public PendingCalls(TimeSpan timeout)
    {
        _timeout = timeout;
        for (var i = 0; i < _lanes.Length; i++)
        {
            _lanes[i] = new PendingCallLane();
        }
    }

    /// <summary>How often to look: a call waits at most this much longer than the timeout.</summary>
    public TimeSpan SweepPeriod => TimeSpan.FromMilliseconds(Math.Clamp(_timeout.TotalMilliseconds / 10, 10, 1000));

    public void Add(PendingCall call) => _lanes[Thread.GetCurrentProcessorId() % _lanes.Length].Add(call);

    public void FailExpired()
    {
        var sentBefore = Environment.TickCount64 - (long)_timeout.TotalMilliseconds;
        foreach (var lane in _lanes)
        {
            while (lane.PeekExpired(sentBefore) is { } call)
            {
                call.Fail(new TimeoutException($"Response did not arrive on time in {_timeout} for the call {call} to {call.Target.GrainId}. Its outcome is unknown."));
            }
        }
    }
}
