using Microsoft.Extensions.DependencyInjection;
using Orleans;
using OrleansInstances.EmbeddedEngine.Calls;
using OrleansInstances.EmbeddedEngine.State;
using OrleansInstances.EmbeddedEngine.Timers;

namespace OrleansInstances.EmbeddedEngine.Activations;

internal sealed partial class Activation
{
    private readonly TaskCompletionSource _deactivated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<GrainTimer> _timers = [];
    private AsyncServiceScope? _scope;

    public object? GrainInstance { get; private set; }

    public IServiceProvider ActivationServices => (_scope ??= _silo.Services.CreateAsyncScope()).ServiceProvider;

    public Task Deactivated => _deactivated.Task;

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            _ending ??= deactivationReason;
        }

        _turns.TakeRequestsSoon();
    }

    /// <summary>Ends the activation when nothing has used it for <paramref name="age"/>.</summary>
    public void DeactivateWhenIdleFor(TimeSpan age)
    {
        lock (_gate)
        {
            if (_phase != Phase.Active || _running > 0 || !_inbox.IsEmpty || _silo.Time.GetElapsedTime(_lastUse) < age)
            {
                return;
            }
        }

        // A call that arrives from here on is forwarded to the next activation.
        Deactivate(new DeactivationReason(DeactivationReasonCode.ActivationIdle, $"Not used for {age}."));
    }

    public void Add(GrainTimer timer) => _timers.Add(timer);

    public void Remove(GrainTimer timer) => _timers.Remove(timer);

    private async Task ActivateAsync()
    {
        try
        {
            await PlaceAsync();
            var states = new List<IActivationState>();
            var grain = _class.Create(this, states);
            GrainInstance = grain;
            using var deadline = new CancellationTokenSource(_silo.Collection.ActivationTimeout, _silo.Time);
            foreach (var state in states)
            {
                await state.ReadStateAsync();
            }

            await grain.OnActivateAsync(deadline.Token);
        }
        catch (Exception error)
        {
            LogActivationFailed(_silo.Logger, error, GrainId);
            await EndAsync(error);
            return;
        }

        lock (_gate)
        {
            _phase = Phase.Active;
        }

        _turns.TakeRequestsSoon();
    }

    /// <summary>Asks whether the grain may be here at all, before there is an object of it.</summary>
    private Task PlaceAsync() => _class.Placement is { } strategy ? _silo.Placement.PlaceAsync(GrainId, strategy) : Task.CompletedTask;

    private async Task DeactivateAsync(DeactivationReason reason)
    {
        DisposeTimers();
        try
        {
            using var deadline = new CancellationTokenSource(_silo.Collection.DeactivationTimeout, _silo.Time);
            await ((IGrainBase)GrainInstance!).OnDeactivateAsync(reason, deadline.Token);
        }
        catch (Exception error)
        {
            LogDeactivationFailed(_silo.Logger, error, GrainId);
        }

        await EndAsync(error: null);
    }

    /// <summary>Hands back what the activation holds. Waiting requests fail with the error, or go to the next activation.</summary>
    private async Task EndAsync(Exception? error)
    {
        DisposeTimers();
        try
        {
            await DisposeInstanceAsync();
        }
        catch (Exception disposal)
        {
            LogDeactivationFailed(_silo.Logger, disposal, GrainId);
        }

        // Out of the directory first: a request that comes in between is still queued here, and forwarded below.
        _silo.Forget(this);
        var waiting = new List<GrainRequest>();
        lock (_gate)
        {
            _phase = Phase.Gone;
            while (_inbox.Take(isBusy: false, out _) is { } request)
            {
                waiting.Add(request);
            }
        }

        foreach (var request in waiting)
        {
            if (error is null)
            {
                request.Forward(_silo);
            }
            else
            {
                request.Fail(error);
            }
        }

        _deactivated.SetResult();
    }

    private async Task DisposeInstanceAsync()
    {
        switch (GrainInstance)
        {
            case IAsyncDisposable asynchronous:
                await asynchronous.DisposeAsync();
                break;
            case IDisposable disposable:
                disposable.Dispose();
                break;
        }

        if (_scope is { } scope)
        {
            await scope.DisposeAsync();
        }
    }

    private void DisposeTimers()
    {
        foreach (var timer in _timers.ToArray())
        {
            timer.Dispose();
        }
    }
}
