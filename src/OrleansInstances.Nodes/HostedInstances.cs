using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using OrleansInstances.Keeper.Protocol;
using OrleansInstances.Nodes.Reports;

namespace OrleansInstances.Nodes;

/// <summary>All instances that the node knows, and its room for running ones.</summary>
internal sealed class HostedInstances(int maxInstances, NodeRoom room)
{
    private readonly ConcurrentDictionary<Guid, HostedInstance> _instances = new();
    private readonly Lock _places = new();
    private int _taken;
    private Place _sum;

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

    /// <summary>What the running ones take.</summary>
    public NodeUse Used
    {
        get
        {
            lock (_places)
            {
                return new NodeUse(_taken, (double)_sum.Cpus, _sum.MemoryMb);
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
                SetPlace(instance, PlaceOf(instance));
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

    /// <summary>Gives an instance its place; says why not when there is no room for it. Without limits it takes none of what limits share.</summary>
    public string? TryTakePlace(HostedInstance instance, Place place)
    {
        lock (_places)
        {
            var held = instance.Place.GetValueOrDefault();
            if (instance.Place is null && _taken >= maxInstances)
            {
                return "The node has no room.";
            }

            if (place.Cpus > held.Cpus && _sum.Cpus - held.Cpus + place.Cpus > (decimal)room.Cpus)
            {
                return $"The node has no room for {place.Cpus} processors.";
            }

            if (place.MemoryMb > held.MemoryMb && _sum.MemoryMb - held.MemoryMb + place.MemoryMb > room.MemoryMb)
            {
                return $"The node has no room for {place.MemoryMb} MiB.";
            }

            SetPlace(instance, place);
            return null;
        }
    }

    /// <summary>After a start that did not come to be: the place stays only with a run that the keeper has.</summary>
    public void SettlePlace(HostedInstance instance)
    {
        lock (_places)
        {
            SetPlace(instance, PlaceOf(instance));
        }
    }

    public void Forget(HostedInstance instance)
    {
        lock (_places)
        {
            SetPlace(instance, null);
        }

        _instances.TryRemove(KeyValuePair.Create(instance.Id, instance));
        Forgotten?.Invoke(instance.Id);
    }

    private static Place? PlaceOf(HostedInstance instance) => instance switch
    {
        { Record: not { HasEnded: false } } => null,
        { Place: { } place } when instance.OwnEpoch == instance.Record.Epoch => place,
        _ => Place.Of(instance.Record),
    };

    private void SetPlace(HostedInstance instance, Place? place)
    {
        var (before, after) = (instance.Place.GetValueOrDefault(), place.GetValueOrDefault());
        _taken += (place is null ? 0 : 1) - (instance.Place is null ? 0 : 1);
        _sum = new Place(_sum.Cpus - before.Cpus + after.Cpus, _sum.MemoryMb - before.MemoryMb + after.MemoryMb);
        instance.Place = place;
    }
}
