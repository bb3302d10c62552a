using Orleans.Runtime;

namespace OrleansInstances.EmbeddedEngine.Calls;

/// <summary>The base of generated references: turns method calls into <see cref="GrainCall"/>s.</summary>
public abstract class GrainProxy(GrainId id, Silo silo) : GrainReference(id)
{
    protected Task SendAsync(GrainCall call)
    {
        silo.Send(this, call);
        return call.Answer;
    }

    protected Task<TResult> SendAsync<TResult>(GrainCall<TResult> call)
    {
        silo.Send(this, call);
        return call.Answer;
    }

    /// <summary>The caller stops waiting when it cancels; the grain sees the same token.</summary>
    protected Task SendAsync(GrainCall call, CancellationToken cancellation) => cancellation.IsCancellationRequested
        ? Task.FromCanceled(cancellation)
        : SendAsync(call).WaitAsync(cancellation);

    /// <inheritdoc cref="SendAsync(GrainCall, CancellationToken)"/>
    protected Task<TResult> SendAsync<TResult>(GrainCall<TResult> call, CancellationToken cancellation) => cancellation.IsCancellationRequested
        ? Task.FromCanceled<TResult>(cancellation)
        : SendAsync(call).WaitAsync(cancellation);

    /// <summary>Waits for nothing, neither result nor error.</summary>
    protected Task SendOneWay(GrainCall call)
    {
        silo.SendOneWay(this, call);
        return Task.CompletedTask;
    }
}
