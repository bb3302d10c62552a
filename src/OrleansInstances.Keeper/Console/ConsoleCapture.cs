using Microsoft.Extensions.Logging;
using OrleansInstances.Keeper.Interop;
using OrleansInstances.Keeper.Loop;

namespace OrleansInstances.Keeper.Console;

/// <summary>
/// Moves a run's output from its FIFO to its console while it runs. When the disk takes nothing the FIFO is left to fill,
/// which holds the program back, and the disk is tried again at a growing pace.
/// </summary>
internal sealed partial class ConsoleCapture : IDisposable
{
    // One loud instance gets this much before the others have their turn.
    private const long BytesPerTurn = 256 * 1024;
    private const int LoudPipeBytes = 1024 * 1024;
    private const long DefaultPipeBytes = 64 * 1024;

    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan SlowestRetry = TimeSpan.FromSeconds(5);

    private readonly EventLoop _loop;
    private readonly ILogger _logger;
    private readonly Guid _instanceId;
    private readonly ConsoleWriter _writer;
    private readonly int _fifo;
    private Watch? _watch;
    private Deadline? _retry;
    private TimeSpan _retryAfter = FirstRetry;
    private bool _enlarged;

    /// <param name="fifo">Opened read-write and non-blocking, so that it never hangs up; owned from here on.</param>
    public ConsoleCapture(EventLoop loop, ILogger logger, Guid instanceId, ConsoleWriter writer, int fifo)
    {
        _loop = loop;
        _logger = logger;
        _instanceId = instanceId;
        _writer = writer;
        _fifo = fifo;
    }

    /// <summary>The console's length.</summary>
    public long End => _writer.End;

    public void Begin() => _watch = _loop.Watch(_fifo, PollEvents.In, _ => TakeTurn());

    /// <summary>Moves all that is in the FIFO now. False when the disk takes nothing now.</summary>
    public bool TryDrain()
    {
        StopWatching();

        // No more than fits: somebody who slipped out of the tree may be writing for ever.
        return _writer.Move(_fifo, LoudPipeBytes, out _) == 0;
    }

    public void Dispose()
    {
        StopWatching();
        Posix.Close(_fifo);
        _writer.Dispose();
    }

    private void TakeTurn()
    {
        var errno = _writer.Move(_fifo, BytesPerTurn, out var moved);
        if (errno != 0)
        {
            HoldBack(errno);
            return;
        }

        _retryAfter = FirstRetry;
        if (moved >= DefaultPipeBytes && !_enlarged)
        {
            // Fewer wakeups for a loud program. Quiet ones keep the small pipe: a user's pipe memory is limited.
            _enlarged = true;
            _ = Posix.TrySetPipeSize(_fifo, LoudPipeBytes);
        }
    }

    private void HoldBack(int errno)
    {
        LogHeldBack(_instanceId, new PosixException("write the console", errno).Message, _retryAfter.TotalMilliseconds);
        StopWatching();
        _retry = _loop.After(_retryAfter, () =>
        {
            Begin();
            TakeTurn();
        });
        _retryAfter = TimeSpan.FromTicks(Math.Min(_retryAfter.Ticks * 2, SlowestRetry.Ticks));
    }

    private void StopWatching()
    {
        _watch?.Dispose();
        _watch = null;
        _retry?.Cancel();
    }
}
