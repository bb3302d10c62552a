using OrleansInstances.EmbeddedEngine.Activations;

namespace OrleansInstances.EmbeddedEngine.Calls;

/// <summary>A call without a result. The generator derives one class from it for each such method, with a field for each argument.</summary>
public abstract class GrainCall : PendingCall
{
    // The caller must not go on inside the callee's turn.
    private readonly TaskCompletionSource _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal Task Answer => _answer.Task;

    internal sealed override bool IsOver => _answer.Task.IsCompleted;

    protected abstract Task InvokeAsync(object grain);

    internal sealed override async Task RunAsync(Activation activation)
    {
        try
        {
            await InvokeAsync(activation.GrainInstance!);
        }
        catch (Exception error)
        {
            activation.Finish(this, error);
            Fail(error);
            return;
        }

        activation.Finish(this, error: null);
        Lane?.Remove(this);
        _answer.TrySetResult();
    }

    private protected sealed override void SetError(Exception error) => _answer.TrySetException(error);
}

/// <summary>A call with a result. The generator derives one class from it for each such method, with a field for each argument.</summary>
public abstract class GrainCall<TResult> : PendingCall
{
    private readonly TaskCompletionSource<TResult> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal Task<TResult> Answer => _answer.Task;

    internal sealed override bool IsOver => _answer.Task.IsCompleted;

    protected abstract Task<TResult> InvokeAsync(object grain);

    internal sealed override async Task RunAsync(Activation activation)
    {
        TResult result;
        try
        {
            result = await InvokeAsync(activation.GrainInstance!);
        }
        catch (Exception error)
        {
            activation.Finish(this, error);
            Fail(error);
            return;
        }

        activation.Finish(this, error: null);
        Lane?.Remove(this);
        _answer.TrySetResult(result);
    }

    private protected sealed override void SetError(Exception error) => _answer.TrySetException(error);
}
