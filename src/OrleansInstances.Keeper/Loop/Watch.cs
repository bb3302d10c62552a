using OrleansInstances.Keeper.Interop;

namespace OrleansInstances.Keeper.Loop;

/// <summary>A descriptor that the loop waits on. End the watch before closing the descriptor.</summary>
internal sealed class Watch(EventLoop loop, int fd, long token) : IDisposable
{
    public int Fd => fd;

    public long Token => token;

    /// <summary>Waits for other events from now on.</summary>
    public void Change(PollEvents events) => loop.Change(this, events);

    public void Dispose() => loop.Remove(this);
}
