namespace OrleansInstances.EmbeddedEngine.Activations;

/// <summary>
/// Runs the turns of one activation, one at a time, on the thread pool. It is a <see cref="TaskScheduler"/>, so that an
/// await in grain code comes back to it and Task.Run gets away from it.
/// </summary>
internal sealed class TurnScheduler(Activation activation) : TaskScheduler, IThreadPoolWorkItem
{
    /// <summary>After this long the thread goes to somebody else first.</summary>
    private const int QuantumMilliseconds = 25;

    private readonly Lock _gate = new();
    private readonly Queue<Task> _turns = new();
    private bool _requestsWait;
    private bool _runs;

    public Activation Activation => activation;

    /// <summary>Has the activation look at its requests in a turn soon.</summary>
    public void TakeRequestsSoon()
    {
        lock (_gate)
        {
            _requestsWait = true;
            if (_runs)
            {
                return;
            }

            _runs = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
    }

    protected override void QueueTask(Task task)
    {
        lock (_gate)
        {
            _turns.Enqueue(task);
            if (_runs)
            {
                return;
            }

            _runs = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
    }

    // Only from within a turn of this activation: anywhere else it would be a second one at the same time.
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && ReferenceEquals(Current, this) && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_gate)
        {
            return [.. _turns];
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        var began = Environment.TickCount64;
        while (NextTurn() is { } turn)
        {
            TryExecuteTask(turn);
            if (Environment.TickCount64 - began > QuantumMilliseconds)
            {
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                return;
            }
        }
    }

    private Task? NextTurn()
    {
        lock (_gate)
        {
            if (_turns.TryDequeue(out var turn))
            {
                return turn;
            }

            if (!_requestsWait)
            {
                _runs = false;
                return null;
            }

            _requestsWait = false;
        }

        // Made here, on a bare pool thread, so that a caller's AsyncLocals stay with the caller.
        new Task(static activation => ((Activation)activation!).TakeRequests(), activation).Start(this);
        lock (_gate)
        {
            return _turns.Dequeue();
        }
    }
}
