using OrleansInstances.Keeper.Interop;
using OrleansInstances.Keeper.Loop;

namespace OrleansInstances.Keeper.Silos;

/// <summary>
/// What the first process of a machine or container owes: it reaps whatever lost its parent. It looks once a second in place of
/// listening to SIGCHLD: the runtime of a first process that does reaps every child itself, and exit codes are lost.
/// </summary>
/// <param name="isAwaited">Somebody else reaps this child of ours.</param>
internal sealed class Orphans(EventLoop loop, Func<int, bool> isAwaited)
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    public void Watch()
    {
        // One that is awaited hides who comes behind it, until it is reaped.
        while (Posix.TryPeekEnded() is var pid and not 0 && !isAwaited(pid))
        {
            Posix.ReapEnded(pid);
        }

        loop.After(Pace, Watch);
    }
}
