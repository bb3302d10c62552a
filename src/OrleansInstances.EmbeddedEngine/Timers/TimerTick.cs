using OrleansInstances.EmbeddedEngine.Activations;
using OrleansInstances.EmbeddedEngine.Calls;

namespace OrleansInstances.EmbeddedEngine.Timers;

/// <summary>The tick of a timer in its activation's inbox: at most once at a time, and never in another activation.</summary>
internal sealed class TimerTick(GrainTimer timer, bool interleave, bool keepAlive) : GrainRequest
{
    protected internal override bool AlwaysInterleaves => interleave;

    internal override bool KeepsAlive => keepAlive;

    internal override bool IsOver => timer.IsDisposed;

    internal override async Task RunAsync(Activation activation) => activation.Finish(this, await timer.TickAsync());

    internal override void Forward(Silo silo)
    {
    }

    internal override void Fail(Exception error)
    {
    }
}
