namespace OrleansInstances.Keeper.Loop;

/// <summary>A call that is due once.</summary>
/// <param name="due">Timestamp of the loop's time provider.</param>
internal sealed class Deadline(long due, Action callback)
{
    public long Due => due;

    /// <summary>Null once it was called or cancelled.</summary>
    public Action? Callback { get; private set; } = callback;

    public void Cancel() => Callback = null;

    internal void Fire()
    {
        var call = Callback;
        Callback = null;
        call?.Invoke();
    }
}
