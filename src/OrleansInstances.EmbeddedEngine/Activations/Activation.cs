using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using OrleansInstances.EmbeddedEngine.Calls;
using OrleansInstances.EmbeddedEngine.Manifest;

namespace OrleansInstances.EmbeddedEngine.Activations;

/// <summary>One grain object and the requests to it.</summary>
internal sealed partial class Activation : IGrainContext
{
    /// <summary>Requests started in one turn, so that continuations of started ones get theirs.</summary>
    private const int MostRequestsATurn = 32;

    private readonly Silo _silo;
    private readonly GrainClass _class;
    private readonly TurnScheduler _turns;

    /// <summary>Guards phase, inbox, what runs and the reason to end.</summary>
    private readonly Lock _gate = new();
    private readonly Inbox _inbox = new();
    private Phase _phase;
    private int _running;
    private GrainRequest? _exclusive;
    private DeactivationReason? _ending;
    private long _lastUse;

    public Activation(Silo silo, GrainId id, GrainClass grainClass)
    {
        _silo = silo;
        _class = grainClass;
        _turns = new TurnScheduler(this);
        GrainId = id;
        _lastUse = silo.Time.GetTimestamp();
    }

    private enum Phase
    {
        New,
        Activating,
        Active,
        Deactivating,
        Gone,
    }

    private enum Step
    {
        Wait,
        Activate,
        Run,
        Deactivate,
    }

    /// <summary>The activation whose turn this code runs in; null elsewhere.</summary>
    public static Activation? Current => (TaskScheduler.Current as TurnScheduler)?.Activation;

    public GrainId GrainId { get; }

    public Silo Silo => _silo;

    /// <summary>Queues a request; false when this activation is gone and another one must take it.</summary>
    public bool TryReceive(GrainRequest request)
    {
        lock (_gate)
        {
            if (_phase == Phase.Gone)
            {
                return false;
            }

            _inbox.Add(request, interleaves: request.AlwaysInterleaves || _class.IsReentrant);
            if (request.KeepsAlive)
            {
                _lastUse = _silo.Time.GetTimestamp();
            }
        }

        _turns.TakeRequestsSoon();
        return true;
    }

    /// <summary>Starts what may start. Runs in a turn.</summary>
    public void TakeRequests()
    {
        for (var taken = 0; taken < MostRequestsATurn; taken++)
        {
            switch (NextStep(out var request))
            {
                case Step.Activate:
                    _ = ActivateAsync();
                    return;
                case Step.Run:
                    _ = request!.RunAsync(this);
                    break;
                case Step.Deactivate:
                    _ = DeactivateAsync(_ending!.Value);
                    return;
                case Step.Wait:
                    return;
            }
        }

        _turns.TakeRequestsSoon();
    }

    /// <summary>A request has run to its end. Runs in a turn, and before the caller hears of it.</summary>
    public void Finish(GrainRequest request, Exception? error)
    {
        lock (_gate)
        {
            _running--;
            if (ReferenceEquals(_exclusive, request))
            {
                _exclusive = null;
            }

            if (request.KeepsAlive)
            {
                _lastUse = _silo.Time.GetTimestamp();
            }
        }

        if (error is InconsistentStateException { IsSourceActivation: true } inconsistent)
        {
            inconsistent.IsSourceActivation = false;
            LogInconsistentState(_silo.Logger, inconsistent, GrainId);
            Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationError, inconsistent, inconsistent.Message));
        }

        _turns.TakeRequestsSoon();
    }

    private Step NextStep(out GrainRequest? request)
    {
        lock (_gate)
        {
            request = null;
            switch (_phase)
            {
                case Phase.New:
                    _phase = Phase.Activating;
                    return Step.Activate;
                case Phase.Active when _ending is null:
                    request = NextRequest();
                    return request is null ? Step.Wait : Step.Run;
                case Phase.Active when _running == 0:
                    _phase = Phase.Deactivating;
                    return Step.Deactivate;
                default:
                    return Step.Wait;
            }
        }
    }

    private GrainRequest? NextRequest()
    {
        while (_inbox.Take(isBusy: _exclusive is not null, out var isExclusive) is { } request)
        {
            if (request.IsOver)
            {
                continue;
            }

            _running++;
            _exclusive = isExclusive ? request : _exclusive;
            return request;
        }

        return null;
    }
}
