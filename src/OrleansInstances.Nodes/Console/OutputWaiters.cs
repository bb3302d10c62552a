using OrleansInstances.Keeper.Protocol;
using OrleansInstances.Nodes.Processes;

namespace OrleansInstances.Nodes.Console;

/// <summary>
/// Those who wait for a console to grow. However many they are, the keeper is asked for one notice at a time and instance,
/// and for none while nobody waits.
/// </summary>
internal sealed class OutputWaiters(KeeperClient keeper, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, Wait> _waits = [];

    /// <summary>Completes when the console may be longer than <paramref name="head"/>, when a run of it begins or ends, or after <paramref name="atMost"/>.</summary>
    public async Task WaitAsync(Guid instanceId, long head, TimeSpan atMost)
    {
        Task changed;
        Wait wait;
        lock (_gate)
        {
            if (!_waits.TryGetValue(instanceId, out wait!))
            {
                _waits[instanceId] = wait = new Wait(instanceId);
            }

            if (wait.Known > head)
            {
                return;
            }

            wait.Known = head;
            wait.Waiters++;
            changed = wait.Changed.Task;
            if (!wait.IsWatched)
            {
                wait.IsWatched = true;
                _ = WatchAsync(wait, head);
            }
        }

        try
        {
            await changed.WaitAsync(atMost, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The caller looks once more and decides.
        }
        finally
        {
            Leave(wait);
        }
    }

    /// <summary>The keeper's notice: the one watch it answers is used up.</summary>
    public void Grew(OutputNotice notice)
    {
        lock (_gate)
        {
            if (_waits.TryGetValue(notice.InstanceId, out var wait))
            {
                wait.Known = Math.Max(wait.Known, notice.End);
                wait.IsWatched = false;
                wait.Signal();
            }
        }
    }

    /// <summary>A run of the instance began, ended or was removed: a watch on it may be gone.</summary>
    public void Changed(Guid instanceId)
    {
        lock (_gate)
        {
            if (_waits.TryGetValue(instanceId, out var wait))
            {
                wait.IsWatched = false;
                wait.Signal();
            }
        }
    }

    /// <summary>A new connection to the keeper: all watches are gone.</summary>
    public void ChangedAll()
    {
        lock (_gate)
        {
            foreach (var wait in _waits.Values)
            {
                wait.IsWatched = false;
                wait.Signal();
            }
        }
    }

    private async Task WatchAsync(Wait wait, long head)
    {
        try
        {
            // Refused while nothing of it is alive: the start of a run will be told.
            await keeper.RequestAsync(new WatchOutputRequest(wait.InstanceId, head)).ConfigureAwait(false);
        }
        catch (KeeperUnavailableException)
        {
            // All waits are woken when the keeper is back; if it never went, the next one to wait asks again.
            lock (_gate)
            {
                wait.IsWatched = false;
            }
        }
    }

    private void Leave(Wait wait)
    {
        lock (_gate)
        {
            if (--wait.Waiters == 0)
            {
                _waits.Remove(wait.InstanceId);
            }
        }
    }

    private sealed class Wait(Guid instanceId)
    {
        public Guid InstanceId => instanceId;

        public int Waiters { get; set; }

        /// <summary>The console is at least this long.</summary>
        public long Known { get; set; }

        public bool IsWatched { get; set; }

        public TaskCompletionSource Changed { get; private set; } = NewSignal();

        public void Signal()
        {
            Changed.SetResult();
            Changed = NewSignal();
        }

        private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
