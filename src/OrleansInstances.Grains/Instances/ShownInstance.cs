using OrleansInstances.Instances;

namespace OrleansInstances.Grains.Instances;

/// <summary>The last stored snapshot of an instance, for reads that interleave with writes, and whoever waits for a later one.</summary>
internal sealed class ShownInstance(TimeProvider time)
{
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>Null before it is created, and when it is gone.</summary>
    public InstanceSnapshot? Snapshot { get; private set; }

    /// <summary>Nobody waits here any more.</summary>
    public bool HasEnded { get; private set; }

    public void Show(InstanceSnapshot? instance)
    {
        Snapshot = instance;
        var changed = _changed;
        _changed = NewSignal();
        changed.TrySetResult();
    }

    /// <summary>Completes when the version is above <paramref name="version"/>, the time is over, or nothing more is shown here.</summary>
    public async Task WaitAsync(long version, TimeSpan atMost)
    {
        var start = time.GetTimestamp();
        while (!HasEnded && Snapshot is { } shown && shown.Version <= version)
        {
            var left = atMost - time.GetElapsedTime(start);
            if (left <= TimeSpan.Zero || await Task.WhenAny(_changed.Task, Task.Delay(left, time)) != _changed.Task)
            {
                return;
            }
        }
    }

    public void End()
    {
        HasEnded = true;
        _changed.TrySetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
