using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Runtime;
using OrleansInstances.EmbeddedEngine.Activations;
using OrleansInstances.EmbeddedEngine.Calls;
using OrleansInstances.EmbeddedEngine.Manifest;
using OrleansInstances.EmbeddedEngine.Placement;

namespace OrleansInstances.EmbeddedEngine;

/// <summary>All activations of the process, and the way to them.</summary>
public sealed class Silo
{
    private readonly ConcurrentDictionary<GrainId, Activation> _activations = new();
    private readonly PendingCalls _pending;
    private volatile bool _stopping;

    internal Silo(
        IServiceProvider services,
        ILocalSiloDetails self,
        TimeProvider time,
        IOptions<SiloMessagingOptions> messaging,
        IOptions<GrainCollectionOptions> collection,
        ILogger<Silo> logger)
    {
        Services = services;
        Time = time;
        Collection = collection.Value;
        Logger = logger;
        Placement = new GrainPlacement(services, self.SiloAddress);
        _pending = new PendingCalls(messaging.Value.ResponseTimeout);
    }

    internal IServiceProvider Services { get; }

    internal TimeProvider Time { get; }

    internal GrainCollectionOptions Collection { get; }

    internal ILogger Logger { get; }

    internal GrainPlacement Placement { get; }

    internal GrainManifest Manifest { get; } = GrainManifest.Load();

    internal PendingCalls Pending => _pending;

    internal void Send(GrainReference target, PendingCall call)
    {
        call.Target = target;
        _pending.Add(call);
        Deliver(call);
    }

    internal void SendOneWay(GrainReference target, PendingCall call)
    {
        call.Target = target;
        Deliver(call);
    }

    /// <summary>Hands a call to its activation, which is made if there is none.</summary>
    internal void Deliver(PendingCall call)
    {
        var target = call.Target.GrainId;
        while (true)
        {
            if (!_activations.TryGetValue(target, out var activation))
            {
                if (_stopping)
                {
                    call.Fail(new SiloUnavailableException($"The silo is stopping: {target} can't take the call {call}."));
                    return;
                }

                activation = _activations.GetOrAdd(target, static (id, silo) => new Activation(silo, id, silo.Manifest.Class(id.Type)), this);
            }

            if (activation.TryReceive(call))
            {
                return;
            }
        }
    }

    internal void Forget(Activation activation) => _activations.TryRemove(KeyValuePair.Create(activation.GrainId, activation));

    internal void DeactivateIdle()
    {
        foreach (var (_, activation) in _activations)
        {
            activation.DeactivateWhenIdleFor(Collection.CollectionAge);
        }
    }

    /// <summary>Ends all activations, each once its running calls have. No new ones are made.</summary>
    internal async Task StopAsync(CancellationToken cancellationToken)
    {
        _stopping = true;
        while (!_activations.IsEmpty)
        {
            var reason = new DeactivationReason(DeactivationReasonCode.ShuttingDown, "The silo is stopping.");
            var ends = new List<Task>();
            foreach (var (_, activation) in _activations)
            {
                activation.Deactivate(reason, cancellationToken);
                ends.Add(activation.Deactivated);
            }

            await Task.WhenAll(ends).WaitAsync(cancellationToken);
        }
    }
}
