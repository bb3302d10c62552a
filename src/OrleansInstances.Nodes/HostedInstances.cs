using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using OrleansInstances.Keeper.Protocol;
using OrleansInstances.Nodes.Reports;

namespace OrleansInstances.Nodes;

/// <summary>All instances that the node knows, and its places for running ones.</summary>
internal sealed class HostedInstances(int maxInstances)
{
    private readonly ConcurrentDictionary<Guid, HostedInstance> _instances = new();
    private readonly Lock _places = new();
    private int _taken;

    /// <summary>Called with an instance that the node keeps nothing of any more.</summary>
    public Action<Guid>? Forgotten { get; set; }

    /// <summary>One more could be started.</summary>
    public bool HasRoom
    {
        get
        {
            lock (_places)
            {
                return _taken < maxInstances;
            }
        }
    }

    public bool TryFind(Guid id, [NotNullWhen(true)] out HostedInstance? instance) => _instances.TryGetValue(id, out instance);

    public HostedInstance GetOrAdd(Guid id) => _instances.GetOrAdd(id, static id => new HostedInstance(id));

    /// <summary>The instance's run, if it is alive.</summary>
    public RunRecord? FindAlive(Guid id) =>
        TryFind(id, out var instance) && instance.Record is { IsAlive: true } run ? run : null;

    /// <summary>The runs that are alive.</summary>
    public List<RunRecord> Alive() => [.. _instances.Values.Select(instance => instance.Record).OfType<RunRecord>().Where(run => run.IsAlive)];

    /// <summary>Takes in the keeper's word on a run.</summary>
    public HostedInstance Observe(RunRecord run)
    {
        var instance = GetOrAdd(run.InstanceId);
        instance.Observe(run);
        lock (_places)
        {
            // The end of an earlier run says nothing of the place that the next one, ordered already, was given.
            if (instance.Record is { HasEnded: false } || run.Epoch >= instance.OwnEpoch)
            {
                SetPlace(instance, instance.Record is { HasEnded: false });
            }
        }

        return instance;
    }

    /// <summary>Takes in the keeper's whole list; what isn't in it and has no order under way is forgotten.</summary>
    public IReadOnlyList<HostedInstance> ObserveAll(IReadOnlyList<RunRecord> runs)
    {
        var listed = runs.Select(Observe).ToHashSet();
        foreach (var instance in _instances.Values)
        {
            if (!listed.Contains(instance) && instance.Orders.IsIdle)
            {
                Forget(instance);
            }
        }

        return [.. listed];
    }

    /// <summary>Gives an instance one of the node's places; false when all are taken.</summary>
    public bool TryTakePlace(HostedInstance instance)
    {
        lock (_places)
        {
            if (!instance.HasPlace && _taken >= maxInstances)
            {
                return false;
            }

            SetPlace(instance, true);
            return true;
        }
    }

    /// <summary>After a start that did not come to be: the place stays only with a run that the keeper has.</summary>
    public void SettlePlace(HostedInstance instance)
    {
        lock (_places)
        {
            SetPlace(instance, instance.Record is { HasEnded: false });
        }
    }

    public void Forget(HostedInstance instance)
    {
        lock (_places)
        {
            SetPlace(instance, false);
        }

        _instances.TryRemove(KeyValuePair.Create(instance.Id, instance));
        Forgotten?.Invoke(instance.Id);
    }

    private void SetPlace(HostedInstance instance, bool taken)
    {
        if (instance.HasPlace != taken)
        {
            instance.HasPlace = taken;
            _taken += taken ? 1 : -1;
        }
    }
}
