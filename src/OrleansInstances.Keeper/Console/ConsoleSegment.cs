using System.Buffers.Binary;
using OrleansInstances.Keeper.Interop;

namespace OrleansInstances.Keeper.Console;

/// <summary>The segment that grows, and its time index. Its file position is always its end.</summary>
internal sealed class ConsoleSegment : IDisposable
{
    private readonly int _index;
    private long _indexLength;

    private ConsoleSegment(long offset, int fd, int index, long notBefore)
    {
        Offset = offset;
        Fd = fd;
        _index = index;
        Length = Posix.SeekToEnd(fd);
        // An entry that a full disk or a crash cut short is overwritten by the next one.
        _indexLength = Posix.SeekToEnd(index) / ConsoleFormat.IndexEntryBytes * ConsoleFormat.IndexEntryBytes;
        if (ReadLastStamp() is { } stamp)
        {
            (LastTime, LastStream) = ConsoleFormat.ReadStamp(stamp);
        }

        LastTime = Math.Max(LastTime, notBefore);
    }

    /// <summary>Of its first byte.</summary>
    public long Offset { get; }

    public int Fd { get; }

    public long Length { get; private set; }

    public long End => Offset + Length;

    /// <summary>Unix time in milliseconds of the newest index entry.</summary>
    public long LastTime { get; private set; }

    /// <summary>The stream that the newest index entry names; null before the first.</summary>
    public ConsoleStream? LastStream { get; private set; }

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

    /// <summary>Says that the next bytes come from <paramref name="stream"/>, if the last ones didn't.</summary>
    /// <returns>Errno; nothing may be written of the stream before it is 0.</returns>
    public int Begin(ConsoleStream stream, long unixMs)
    {
        // A segment that begins with stdout can have its first entry with its first bytes.
        return stream == (LastStream ?? ConsoleStream.Output) ? 0 : TryAddEntry(End, unixMs, stream);
    }

    /// <summary>Accounts for bytes that were written at <paramref name="start"/>, captured at <paramref name="unixMs"/>.</summary>
    public void Grew(long bytes, long start, long unixMs)
    {
        Length += bytes;

        // Every segment has an entry for its first byte; after that a millisecond gets no more than one.
        if (unixMs > LastTime || _indexLength == 0)
        {
            // A disk too full for the entry loses that time stamp, never output: the bytes count as captured with those before.
            _ = TryAddEntry(start, unixMs, LastStream ?? ConsoleStream.Output);
        }
    }

    public void Dispose()
    {
        Posix.Close(Fd);
        Posix.Close(_index);
    }

    private int TryAddEntry(long offset, long unixMs, ConsoleStream stream)
    {
        unixMs = Math.Max(unixMs, LastTime);
        Span<byte> entry = stackalloc byte[ConsoleFormat.IndexEntryBytes];
        BinaryPrimitives.WriteInt64LittleEndian(entry, offset);
        BinaryPrimitives.WriteInt64LittleEndian(entry[sizeof(long)..], ConsoleFormat.Stamp(unixMs, stream));
        var errno = Posix.TryWriteAt(_index, entry, _indexLength, out var written);
        if (errno != 0 || written < entry.Length)
        {
            return errno != 0 ? errno : Errno.NoSpace;
        }

        _indexLength += written;
        (LastTime, LastStream) = (unixMs, stream);
        return 0;
    }

    private long? ReadLastStamp()
    {
        Span<byte> stamp = stackalloc byte[sizeof(long)];
        return _indexLength > 0 && Posix.TryReadAt(_index, stamp, _indexLength - stamp.Length, out var read) == 0 && read == stamp.Length
            ? BinaryPrimitives.ReadInt64LittleEndian(stamp)
            : null;
    }
}
