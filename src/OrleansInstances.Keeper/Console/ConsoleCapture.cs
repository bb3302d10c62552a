using OrleansInstances.Keeper.Interop;
using OrleansInstances.Keeper.Loop;

namespace OrleansInstances.Keeper.Console;

/// <summary>
/// Moves a run's output from its FIFOs to its console while it runs. When the disk takes nothing the FIFOs are left to
/// fill, which holds the program back, and the disk is tried again at a growing pace.
/// </summary>
internal sealed partial class ConsoleCapture : IDisposable
{
    // One loud instance gets this much before the others have their turn.
    private const long BytesPerTurn = 256 * 1024;

    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan SlowestRetry = TimeSpan.FromSeconds(5);

    private readonly EventLoop _loop;
    private readonly KeeperLog _logger;
    private readonly Guid _instanceId;
    private readonly ConsoleWriter _writer;
    private readonly IReadOnlyList<CapturedPipe> _pipes;
    private Deadline? _retry;
    private TimeSpan _retryAfter = FirstRetry;

    /// <param name="pipes">Owned from here on.</param>
    public ConsoleCapture(EventLoop loop, KeeperLog logger, Guid instanceId, ConsoleWriter writer, IReadOnlyList<CapturedPipe> pipes)
    {
        _loop = loop;
        _logger = logger;
        _instanceId = instanceId;
        _writer = writer;
        _pipes = pipes;
    }

    /// <summary>Called after bytes were written.</summary>
    public Action? Grew { get; set; }

    /// <summary>The console's length.</summary>
    public long End => _writer.End;

    public void Begin()
    {
        foreach (var pipe in _pipes)
        {
            pipe.Watch = _loop.Watch(pipe.Fd, PollEvents.In, _ => TakeTurn(pipe));
        }
    }

    /// <summary>Moves all that is in the FIFOs now. False when the disk takes nothing now.</summary>
    public bool TryDrain()
    {
        StopWatching();
        foreach (var pipe in _pipes)
        {
            // No more than fits: somebody who slipped out of the tree may be writing for ever.
            if (_writer.Move(pipe.Fd, pipe.Stream, CapturedPipe.LoudBytes, out _) != 0)
            {
                return false;
            }
        }

        return true;
    }

    public void Dispose()
    {
        StopWatching();
        foreach (var pipe in _pipes)
        {
            pipe.Dispose();
        }

        _writer.Dispose();
    }

    private void TakeTurn(CapturedPipe pipe)
    {
        var errno = _writer.Move(pipe.Fd, pipe.Stream, BytesPerTurn, out var moved);
        if (errno != 0)
        {
            HoldBack(errno);
        }
        else
        {
            _retryAfter = FirstRetry;
            pipe.Moved(moved);
        }

        if (moved > 0)
        {
            Grew?.Invoke();
        }
    }

    private void HoldBack(int errno)
    {
        LogHeldBack(_instanceId, new PosixException("write the console", errno).Message, _retryAfter.TotalMilliseconds);
        StopWatching();
        _retry = _loop.After(_retryAfter, Begin);
        _retryAfter = TimeSpan.FromTicks(Math.Min(_retryAfter.Ticks * 2, SlowestRetry.Ticks));
    }

    private void StopWatching()
    {
        foreach (var pipe in _pipes)
        {
            pipe.Watch?.Dispose();
            pipe.Watch = null;
        }

        _retry?.Cancel();
    }
}
