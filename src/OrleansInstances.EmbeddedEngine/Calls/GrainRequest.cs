using OrleansInstances.EmbeddedEngine.Activations;

namespace OrleansInstances.EmbeddedEngine.Calls;

/// <summary>Work for one activation that takes turns with other work there: a call or a timer's tick.</summary>
public abstract class GrainRequest
{
    /// <summary>Whether it starts at awaits of other requests.</summary>
    protected internal virtual bool AlwaysInterleaves => false;

    /// <summary>Whether it counts as use of the activation.</summary>
    internal virtual bool KeepsAlive => true;

    /// <summary>Nobody waits for it any more: it is not started.</summary>
    internal abstract bool IsOver { get; }

    /// <summary>The next one in the same <see cref="Inbox"/> lane, and its place in the order of arrival.</summary>
    internal GrainRequest? Next { get; set; }

    internal long Arrival { get; set; }

    /// <summary>How often it met an activation that was ending.</summary>
    internal int Forwards { get; set; }

    /// <summary>Runs to its end and tells the activation of it. Never fails.</summary>
    internal abstract Task RunAsync(Activation activation);

    /// <summary>Goes on when the activation ended before it ran.</summary>
    internal abstract void Forward(Silo silo);

    internal abstract void Fail(Exception error);
}
