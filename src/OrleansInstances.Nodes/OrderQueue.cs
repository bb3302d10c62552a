using OrleansInstances.Keeper.Protocol;

namespace OrleansInstances.Nodes;

/// <summary>The orders of one instance in the order they were given, the first one under way.</summary>
internal sealed class OrderQueue
{
    public const int MaxOrders = 16;

    private readonly Lock _gate = new();
    private readonly Queue<KeeperRequest> _orders = new();
    private TaskCompletionSource? _idle;

    public bool IsIdle
    {
        get
        {
            lock (_gate)
            {
                return _orders.Count == 0;
            }
        }
    }

    /// <summary>False when the queue is full.</summary>
    /// <param name="first">True when nothing was under way: the caller sees to it that the orders are carried out.</param>
    public bool TryAdd(KeeperRequest order, out bool first)
    {
        lock (_gate)
        {
            first = _orders.Count == 0;
            if (_orders.Count == MaxOrders)
            {
                return false;
            }

            _orders.Enqueue(order);
            return true;
        }
    }

    /// <summary>The order to carry out now.</summary>
    public KeeperRequest Current()
    {
        lock (_gate)
        {
            return _orders.Peek();
        }
    }

    /// <summary>Ends the current order; false when there is no other.</summary>
    public bool Next()
    {
        TaskCompletionSource? idle;
        lock (_gate)
        {
            _orders.Dequeue();
            if (_orders.Count > 0)
            {
                return true;
            }

            idle = _idle;
            _idle = null;
        }

        idle?.SetResult();
        return false;
    }

    /// <summary>Completes when no order is under way.</summary>
    public Task WhenIdle()
    {
        lock (_gate)
        {
            return _orders.Count == 0
                ? Task.CompletedTask
                : (_idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }
}
