using System.Buffers.Binary;
using OrleansInstances.Keeper.Interop;

namespace OrleansInstances.Keeper.Console;

/// <summary>The segment that grows, and its time index. Its file position is always its end.</summary>
internal sealed class ConsoleSegment : IDisposable
{
    private readonly int _index;
    private long _indexLength;
    private long _lastTime;

    private ConsoleSegment(long offset, int fd, int index, long notBefore)
    {
        Offset = offset;
        Fd = fd;
        _index = index;
        Length = Posix.SeekToEnd(fd);
        // An entry that a full disk or a crash cut short is overwritten by the next one.
        _indexLength = Posix.SeekToEnd(index) / ConsoleFormat.IndexEntryBytes * ConsoleFormat.IndexEntryBytes;
        _lastTime = Math.Max(ReadLastTime(), notBefore);
    }

    /// <summary>Of its first byte.</summary>
    public long Offset { get; }

    public int Fd { get; }

    public long Length { get; private set; }

    public long End => Offset + Length;

    /// <summary>Unix time in milliseconds of the newest index entry.</summary>
    public long LastTime => _lastTime;

    /// <summary>Opens the segment that begins at <paramref name="offset"/>, or makes it.</summary>
    /// <param name="notBefore">The newest time in the segment before; times ascend even if the clock is set back.</param>
    public static ConsoleSegment Open(string folder, long offset, long notBefore)
    {
        var fd = Posix.Open(Path.Combine(folder, ConsoleFormat.SegmentName(offset)), OpenFlags.WriteOnly | OpenFlags.Create, FileModes.OwnerFile);
        var index = -1;
        try
        {
            index = Posix.Open(Path.Combine(folder, ConsoleFormat.IndexName(offset)), OpenFlags.ReadWrite | OpenFlags.Create, FileModes.OwnerFile);
            return new ConsoleSegment(offset, fd, index, notBefore);
        }
        catch
        {
            Posix.Close(fd);
            if (index >= 0)
            {
                Posix.Close(index);
            }

            throw;
        }
    }

    /// <summary>Accounts for bytes that were written at <paramref name="start"/>, captured at <paramref name="unixMs"/>.</summary>
    public void Grew(long bytes, long start, long unixMs)
    {
        Length += bytes;

        // Every segment has an entry for its first byte; after that a millisecond gets no more than one.
        if (unixMs <= _lastTime && _indexLength > 0)
        {
            return;
        }

        unixMs = Math.Max(unixMs, _lastTime);
        Span<byte> entry = stackalloc byte[ConsoleFormat.IndexEntryBytes];
        BinaryPrimitives.WriteInt64LittleEndian(entry, start);
        BinaryPrimitives.WriteInt64LittleEndian(entry[sizeof(long)..], unixMs);

        // A disk too full for the entry loses that time stamp, never output: the bytes count as captured with those before.
        if (Posix.TryWriteAt(_index, entry, _indexLength, out var written) == 0 && written == entry.Length)
        {
            _indexLength += written;
            _lastTime = unixMs;
        }
    }

    public void Dispose()
    {
        Posix.Close(Fd);
        Posix.Close(_index);
    }

    private long ReadLastTime()
    {
        Span<byte> time = stackalloc byte[sizeof(long)];
        return _indexLength > 0 && Posix.TryReadAt(_index, time, _indexLength - time.Length, out var read) == 0 && read == time.Length
            ? BinaryPrimitives.ReadInt64LittleEndian(time)
            : 0;
    }
}
