using OrleansInstances.Keeper.Interop;

namespace OrleansInstances.Keeper.Console;

/// <summary>
/// Appends what comes out of a pipe to a console's segment files and drops the oldest ones past the bound. Goes on where
/// the files end, so a run after another, or a keeper after another, needs nothing but the folder.
/// </summary>
internal sealed class ConsoleWriter : IDisposable
{
    private const int CopyBytes = 64 * 1024;

    private readonly string _folder;
    private readonly long _maxBytes;
    private readonly long _segmentBytes;
    private readonly TimeProvider _time;
    private readonly Queue<long> _older;
    private ConsoleSegment _segment;
    private bool _spliceWorks = true;

    // Only when splice doesn't work here: what was taken from a pipe and isn't in the file yet.
    private byte[] _copy = [];
    private ReadOnlyMemory<byte> _unwritten;
    private ConsoleStream _unwrittenStream;

    private ConsoleWriter(string folder, long maxBytes, TimeProvider time, List<long> segments)
    {
        _folder = folder;
        _maxBytes = maxBytes;
        _segmentBytes = ConsoleFormat.SegmentBytes(maxBytes);
        _time = time;
        _older = new Queue<long>(segments.SkipLast(1));
        _segment = ConsoleSegment.Open(folder, segments[^1], 0);
    }

    /// <summary>The console's length.</summary>
    public long End => _segment.End;

    /// <param name="leastEnd">Offsets never go below this, even if somebody removed the files.</param>
    /// <exception cref="IOException">The folder or its last segment can't be made or opened.</exception>
    public static ConsoleWriter Open(string folder, long maxBytes, long leastEnd, TimeProvider time)
    {
        Directory.CreateDirectory(folder);
        var end = ConsoleSegments.End(folder);
        var segments = ConsoleSegments.Find(folder);
        if (segments.Count == 0 || end < leastEnd)
        {
            segments.Add(leastEnd);
        }

        return new ConsoleWriter(folder, maxBytes, time, segments);
    }

    /// <summary>Moves up to about <paramref name="budget"/> bytes; 0 moved without an error means that the pipe is empty.</summary>
    /// <returns>Errno of the file that couldn't be written; what wasn't moved is not lost.</returns>
    public int Move(int pipe, ConsoleStream stream, long budget, out long moved)
    {
        moved = 0;
        while (moved < budget)
        {
            if (TryMakeRoom(stream) is var full and not 0)
            {
                return full;
            }

            var start = End;
            var errno = MoveStep(pipe, stream, Math.Min(budget - moved, _segmentBytes - _segment.Length), out var step);
            if (step > 0)
            {
                _segment.Grew(step, start, Now);
                moved += step;
            }

            if (errno != 0)
            {
                return errno == Errno.WouldBlock ? 0 : errno;
            }
        }

        return 0;
    }

    public void Dispose() => _segment.Dispose();

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Whatever has to be in the files before the next bytes of a stream.</summary>
    private int TryMakeRoom(ConsoleStream stream)
    {
        if (!_unwritten.IsEmpty && _unwrittenStream != stream && TryWriteRest() is var errno and not 0)
        {
            return errno;
        }

        var full = _segment.Length >= _segmentBytes ? TryRoll() : 0;
        return full != 0 ? full : _segment.Begin(stream, Now);
    }

    private int MoveStep(int pipe, ConsoleStream stream, long count, out long moved)
    {
        if (_spliceWorks)
        {
            var errno = Posix.TrySplice(pipe, _segment.Fd, count, out moved);
            if (errno != Errno.Invalid)
            {
                return errno;
            }

            _spliceWorks = false;
        }

        moved = 0;
        if (_unwritten.IsEmpty && TryTake(pipe, stream) is var unread and not 0)
        {
            return unread;
        }

        return WriteStep(count, out moved);
    }

    private int TryTake(int pipe, ConsoleStream stream)
    {
        if (_copy.Length == 0)
        {
            _copy = new byte[CopyBytes];
        }

        var errno = Posix.TryRead(pipe, _copy, out var read);
        if (errno == 0)
        {
            (_unwritten, _unwrittenStream) = (_copy.AsMemory(0, read), stream);
        }

        return errno;
    }

    private int WriteStep(long count, out long written)
    {
        var chunk = _unwritten.Span[..(int)Math.Min(count, _unwritten.Length)];
        var errno = Posix.TryWrite(_segment.Fd, chunk, out var bytes);
        _unwritten = _unwritten[bytes..];
        written = bytes;
        return errno;
    }

    /// <summary>What was taken of the one stream goes before anything of the other. It may make a segment longer than others by that much.</summary>
    private int TryWriteRest()
    {
        while (!_unwritten.IsEmpty)
        {
            var start = End;
            var errno = WriteStep(_unwritten.Length, out var written);
            if (written > 0)
            {
                _segment.Grew(written, start, Now);
            }

            if (errno != 0)
            {
                return errno;
            }
        }

        return 0;
    }

    private int TryRoll()
    {
        // The full segment stays in use until the next one is open: a failure here is tried again with the next move.
        try
        {
            var next = ConsoleSegment.Open(_folder, End, _segment.LastTime);
            _older.Enqueue(_segment.Offset);
            _segment.Dispose();
            _segment = next;
            DropOldest();
            return 0;
        }
        catch (PosixException failure)
        {
            return failure.Errno;
        }
    }

    private void DropOldest()
    {
        // Room for the growing segment is counted in full, so the sum stays within the bound until the next roll.
        while (_older.TryPeek(out var oldest) && _segment.Offset + _segmentBytes - oldest > _maxBytes)
        {
            if (Posix.TryUnlink(Path.Combine(_folder, ConsoleFormat.SegmentName(oldest))) is not (0 or Errno.NoEntry))
            {
                // Capturing goes first; the next roll tries again.
                return;
            }

            _ = Posix.TryUnlink(Path.Combine(_folder, ConsoleFormat.IndexName(oldest)));
            _older.Dequeue();
        }
    }
}
