using Orleans.Runtime;

namespace OrleansInstances.EmbeddedEngine.Calls;

/// <summary>A request that somebody waits for, at most for the response timeout.</summary>
public abstract class PendingCall : GrainRequest
{
    /// <summary>Tries to reach an activation that takes it this often, as Orleans does.</summary>
    private const int MaxForwards = 2;

    /// <summary>The reference it was made on.</summary>
    internal GrainReference Target { get; set; } = null!;

    /// <summary>Where it waits; null when it does not (any more).</summary>
    internal PendingCallLane? Lane { get; set; }

    /// <summary>Neighbours in the lane.</summary>
    internal PendingCall? Earlier { get; set; }

    internal PendingCall? Later { get; set; }

    /// <summary>By <see cref="Environment.TickCount64"/>.</summary>
    internal long SentAt { get; set; }

    internal sealed override void Forward(Silo silo)
    {
        if (++Forwards > MaxForwards)
        {
            Fail(new OrleansMessageRejectionException($"{Target.GrainId} ended {MaxForwards} times before it took the call {this}."));
            return;
        }

        silo.Deliver(this);
    }

    internal sealed override void Fail(Exception error)
    {
        Lane?.Remove(this);
        SetError(error);
    }

    private protected abstract void SetError(Exception error);

    /// <summary>Interface and method.</summary>
    public override string ToString() => GetType().Name;
}
