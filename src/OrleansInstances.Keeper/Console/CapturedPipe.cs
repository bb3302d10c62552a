using OrleansInstances.Keeper.Interop;
using OrleansInstances.Keeper.Loop;

namespace OrleansInstances.Keeper.Console;

/// <summary>A FIFO that a run writes to, at the end that its output is taken from.</summary>
/// <param name="fd">Opened read-write and non-blocking, so that it never hangs up; owned.</param>
internal sealed class CapturedPipe(int fd, ConsoleStream stream) : IDisposable
{
    /// <summary>What the FIFO of a loud program holds; no FIFO holds more.</summary>
    public const int LoudBytes = 1024 * 1024;

    private const long DefaultBytes = 64 * 1024;

    private bool _enlarged;

    public int Fd => fd;

    public ConsoleStream Stream => stream;

    /// <summary>Null while nothing is taken from it.</summary>
    public Watch? Watch { get; set; }

    /// <summary>Takes note of how much came in one turn.</summary>
    public void Moved(long bytes)
    {
        if (bytes >= DefaultBytes && !_enlarged)
        {
            // Fewer wakeups for a loud program. Quiet ones keep the small pipe: a user's pipe memory is limited.
            _enlarged = true;
            _ = Posix.TrySetPipeSize(fd, LoudBytes);
        }
    }

    public void Dispose() => Posix.Close(fd);
}
