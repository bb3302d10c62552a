using OrleansInstances.Grains.Nodes;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;
using OrleansInstances.Storage.Nodes;

namespace OrleansInstances.Hosting.Nodes;

/// <summary>
/// The nodes as last read from the node table, with what this silo has placed on them since. While the table can't be read
/// it stays as it was, and for a lease after that no node is called lost: no node could have renewed.
/// </summary>
/// <param name="here">What is known of the node here without the table; null on a silo that is none.</param>
internal sealed class NodeDirectory(INodeTable table, LocalNode? here, TimeProvider time) : INodeDirectory
{
    private readonly Lock _gate = new();

    /// <summary>What was placed here on the node here and has not come there.</summary>
    private readonly Dictionary<Guid, InstanceSnapshot> _onTheWay = [];
    private volatile IReadOnlyList<NodeSnapshot> _nodes = [];
    private volatile Seen? _seen;
    private Task<IReadOnlyList<NodeRow>>? _reading;
    private long? _readSince;
    private long _lastRead;

    public IReadOnlyList<NodeSnapshot> Nodes => here is null ? _nodes : WithLocal(here);

    /// <summary>Called with the names of nodes whose standing or incarnation changed, after <see cref="Nodes"/> did.</summary>
    public Action<IReadOnlyList<string>>? Changed { get; set; }

    /// <summary>Reads the table; callers at the same time share one reading.</summary>
    public Task<IReadOnlyList<NodeRow>> RefreshAsync()
    {
        lock (_gate)
        {
            return _reading is { IsCompleted: false } ? _reading : _reading = ReadAsync();
        }
    }

    /// <summary>Whether a node that wasn't seen for its lease would have been, were it there: the table has been readable for as long.</summary>
    public bool MayJudge(NodeRow row)
    {
        lock (_gate)
        {
            return _readSince is { } since && time.GetElapsedTime(since) >= row.Lease;
        }
    }

    public void Placed(InstanceSnapshot instance)
    {
        lock (_gate)
        {
            if (instance.Node == here?.Name)
            {
                _onTheWay[instance.Id] = instance;
            }
            else
            {
                _nodes = [.. _nodes.Select(known => known.Name == instance.Node ? known with { Used = Add(known.Used, instance.Spec.Limits) } : known)];
            }
        }
    }

    private IReadOnlyList<NodeSnapshot> WithLocal(LocalNode here)
    {
        var nodes = _nodes;
        var used = UsedOf(here);
        if (_seen is { } seen && ReferenceEquals(seen.Known, nodes) && seen.Used == used)
        {
            return seen.Nodes;
        }

        var now = new Seen(nodes, used, [.. nodes.Select(node => node.Name == here.Name ? node with { Used = used, Full = used.Instances >= node.MaxInstances } : node)]);
        _seen = now;
        return now.Nodes;
    }

    private NodeUse UsedOf(LocalNode here)
    {
        lock (_gate)
        {
            // Asked first: what comes meanwhile is missed for a moment, and never counted twice.
            var used = here.Used;
            foreach (var (id, placed) in _onTheWay)
            {
                if (here.HasTaken(new RunKey(id, placed.Epoch)))
                {
                    _onTheWay.Remove(id);
                }
                else
                {
                    used = Add(used, placed.Spec.Limits);
                }
            }

            return used;
        }
    }

    private static NodeUse Add(NodeUse used, InstanceLimits limits) =>
        new(used.Instances + 1, used.Cpus + limits.Cpus, used.MemoryMb + limits.MemoryMb);

    private async Task<IReadOnlyList<NodeRow>> ReadAsync()
    {
        // Off the caller's turn, and out of the lock.
        await Task.Yield();
        IReadOnlyList<NodeRow> rows;
        try
        {
            rows = await table.ListAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch
        {
            lock (_gate)
            {
                _readSince = null;
            }

            throw;
        }

        Take(rows);
        return rows;
    }

    private void Take(IReadOnlyList<NodeRow> rows)
    {
        List<string> changed;
        lock (_gate)
        {
            NoteReading(rows);
            _onTheWay.Clear();
            var before = _nodes.ToDictionary(node => node.Name);
            _nodes = [.. rows.Select(row => Judge(row, before.GetValueOrDefault(row.Node.Name)))];
            changed = [.. _nodes.Where(node => HasChanged(node, before.GetValueOrDefault(node.Name))).Select(node => node.Name)];
        }

        if (changed.Count > 0)
        {
            Changed?.Invoke(changed);
        }
    }

    /// <summary>The shortest lease of those that hold one or lost it just now; null when there is none.</summary>
    public static TimeSpan? ShortestLease(IEnumerable<NodeRow> rows) =>
        rows.Where(row => row.Standing is NodeStanding.Live or NodeStanding.Lost).Min(row => (TimeSpan?)row.Lease);

    /// <summary>A silo that was stopped for longer than a lease has not been watching either.</summary>
    private void NoteReading(IReadOnlyList<NodeRow> rows)
    {
        var now = time.GetTimestamp();
        if (_readSince is null || time.GetElapsedTime(_lastRead, now) >= ShortestLease(rows))
        {
            _readSince = now;
        }

        _lastRead = now;
    }

    private NodeSnapshot Judge(NodeRow row, NodeSnapshot? before) =>
        row is { Standing: NodeStanding.Lost, Revoked: false }
        && before is { Standing: NodeStanding.Live }
        && before.Incarnation == row.Incarnation
        && time.GetElapsedTime(_readSince!.Value) < row.Lease
            ? row.Node with { Standing = NodeStanding.Live }
            : row.Node;

    private static bool HasChanged(NodeSnapshot node, NodeSnapshot? before) =>
        before is null || before.Standing != node.Standing || before.Incarnation != node.Incarnation;

    private sealed record Seen(IReadOnlyList<NodeSnapshot> Known, NodeUse Used, IReadOnlyList<NodeSnapshot> Nodes);
}
