using System.Collections.Concurrent;
using OrleansInstances.Nodes;

namespace OrleansInstances.Simulation.Machines;

/// <summary>Every process that runs, on all machines. It sees at once when an instance would run twice.</summary>
internal sealed class Processes
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, (long Epoch, string Machine)> _alive = [];
    private readonly ConcurrentQueue<string> _second = new();
    private readonly ConcurrentQueue<string> _starts = new();

    /// <summary>Second copies that were started, in words; what is taken is forgotten.</summary>
    public IReadOnlyList<string> TakeSecondCopies()
    {
        var taken = new List<string>();
        while (_second.TryDequeue(out var copy))
        {
            taken.Add(copy);
        }

        return taken;
    }

    /// <summary>Where an instance runs and at which epoch; null when it doesn't.</summary>
    public (long Epoch, string Machine)? Of(Guid instance)
    {
        lock (_gate)
        {
            return _alive.TryGetValue(instance, out var copy) ? copy : null;
        }
    }

    /// <summary>Each start of an instance, as <c>epoch machine</c>.</summary>
    public IReadOnlyList<string> StartsOf(Guid instance) =>
        [.. _starts.Where(start => start.StartsWith($"{instance} ", StringComparison.Ordinal)).Select(start => start[37..])];

    public void Start(RunKey run, string machine)
    {
        lock (_gate)
        {
            _starts.Enqueue($"{run.InstanceId} {run.Epoch} {machine}");
            if (_alive.TryGetValue(run.InstanceId, out var first))
            {
                _second.Enqueue($"{run.InstanceId} was started on {machine} at epoch {run.Epoch} while it ran on {first.Machine} at epoch {first.Epoch}");
            }

            _alive[run.InstanceId] = (run.Epoch, machine);
        }
    }

    public void End(RunKey run)
    {
        lock (_gate)
        {
            if (_alive.TryGetValue(run.InstanceId, out var copy) && copy.Epoch == run.Epoch)
            {
                _alive.Remove(run.InstanceId);
            }
        }
    }
}
