using System.Buffers;
using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using OrleansInstances.Keeper.Console;

namespace OrleansInstances.Nodes.Console;

/// <summary>The time index of one segment, searched in place; it may grow meanwhile.</summary>
internal sealed class TimeIndex(SafeFileHandle file) : IDisposable
{
    /// <summary>Entries when it was opened; one that is half written does not count.</summary>
    public int Count { get; } = (int)(RandomAccess.GetLength(file) / ConsoleFormat.IndexEntryBytes);

    public OutputTime this[int entry]
    {
        get
        {
            Span<byte> bytes = stackalloc byte[ConsoleFormat.IndexEntryBytes];
            var read = RandomAccess.Read(file, bytes, (long)entry * ConsoleFormat.IndexEntryBytes);
            return read == bytes.Length ? Parse(bytes) : throw new InvalidDataException($"The time index ends within entry {entry}.");
        }
    }

    public void Dispose() => file.Dispose();

    /// <summary>The first entry whose bytes lie behind an offset; <see cref="Count"/> when there is none.</summary>
    public int FirstBehind(long offset) => FirstWhere(entry => entry.Offset > offset);

    /// <summary>The first entry captured at or after a time (whole milliseconds); <see cref="Count"/> when there is none.</summary>
    public int FirstSince(DateTimeOffset time)
    {
        // The index has whole milliseconds: what was captured within the asked one belongs to the answer.
        var from = DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());
        return FirstWhere(entry => entry.At >= from);
    }

    /// <summary>The entries from a place on whose bytes begin below <paramref name="end"/>.</summary>
    public void CopyTo(ICollection<OutputTime> times, int from, long end)
    {
        var to = FirstWhere(entry => entry.Offset >= end);
        if (from >= to)
        {
            return;
        }

        var length = (to - from) * ConsoleFormat.IndexEntryBytes;
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            var read = RandomAccess.Read(file, buffer.AsSpan(0, length), (long)from * ConsoleFormat.IndexEntryBytes);
            for (var at = 0; at + ConsoleFormat.IndexEntryBytes <= read; at += ConsoleFormat.IndexEntryBytes)
            {
                times.Add(Parse(buffer.AsSpan(at, ConsoleFormat.IndexEntryBytes)));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private int FirstWhere(Func<OutputTime, bool> reached)
    {
        var (low, high) = (0, Count);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            (low, high) = reached(this[middle]) ? (low, middle) : (middle + 1, high);
        }

        return low;
    }

    private static OutputTime Parse(ReadOnlySpan<byte> entry)
    {
        var (unixMs, stream) = ConsoleFormat.ReadStamp(BinaryPrimitives.ReadInt64LittleEndian(entry[8..]));
        return new(
            BinaryPrimitives.ReadInt64LittleEndian(entry),
            DateTimeOffset.FromUnixTimeMilliseconds(unixMs),
            stream == ConsoleStream.Error ? OutputStream.Stderr : OutputStream.Stdout);
    }
}
