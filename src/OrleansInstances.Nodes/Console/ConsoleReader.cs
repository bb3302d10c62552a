using System.Collections.Immutable;

namespace OrleansInstances.Nodes.Console;

/// <summary>Reads pieces of a console from its segment files while the keeper writes them and drops the oldest.</summary>
internal static class ConsoleReader
{
    public const int MaxSliceBytes = 1024 * 1024;

    /// <summary>How often the reader begins again because what it was about to read had been dropped.</summary>
    private const int MaxAttempts = 64;

    /// <summary>Attempts that try for the oldest there is.</summary>
    private const int PatientAttempts = 8;

    /// <summary>The piece asked for; null when there is no console.</summary>
    /// <exception cref="IOException">Output is dropped faster than it can be read, or the disk failed.</exception>
    public static OutputSlice? Read(string folder, OutputQuery query)
    {
        for (var attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            if (ConsoleSegments.List(folder) is not { } segments)
            {
                return null;
            }

            if (segments.Count == 0)
            {
                return new OutputSlice(0, ReadOnlyMemory<byte>.Empty, 0, []);
            }

            // What is dropped faster than it can be opened is given up, the oldest segments first.
            if (TryRead(segments.Behind(Math.Max(attempt - PatientAttempts, 0)), query) is { } slice)
            {
                return slice;
            }
        }

        throw new IOException("The console drops its output faster than it can be read.");
    }

    private static OutputSlice? TryRead(ConsoleSegments segments, OutputQuery query)
    {
        if (FindHead(segments) is not { } head || FindStart(segments, query, head) is not { } wanted)
        {
            return null;
        }

        var start = Math.Clamp(wanted, segments.Offsets[0], head);
        var buffer = GC.AllocateUninitializedArray<byte>((int)Math.Min(head - start, Math.Clamp(query.MaxBytes, 0, MaxSliceBytes)));
        var read = 0;
        for (var segment = segments.Holding(start); read < buffer.Length; segment++)
        {
            using var file = segments.Open(segment);
            if (file is null)
            {
                // Only the oldest are dropped, so what was read already hangs together.
                return read > 0 ? Slice() : null;
            }

            var isLast = segment == segments.Count - 1;
            var end = isLast ? head : segments.Offsets[segment + 1];
            var length = (int)Math.Min(end - (start + read), buffer.Length - read);
            var got = RandomAccess.Read(file, buffer.AsSpan(read, length), start + read - segments.Offsets[segment]);
            read += got;
            if (got < length)
            {
                // A segment that is shorter than its successor's name says: the rest of it is lost, the reader goes on behind it.
                if (isLast || read > 0)
                {
                    return Slice();
                }

                // A listing made while segments come may miss one in between.
                if (segments.Exists(start + got))
                {
                    return null;
                }

                start = end;
                buffer = buffer[..(int)Math.Min(head - start, buffer.Length)];
            }
        }

        return Slice();

        OutputSlice Slice() => new(start, buffer.AsMemory(0, read), head, Times(segments, start, start + read));
    }

    private static long? FindHead(ConsoleSegments segments)
    {
        using var last = segments.Open(segments.Count - 1);
        return last is null ? null : segments.Offsets[^1] + RandomAccess.GetLength(last);
    }

    private static long? FindStart(ConsoleSegments segments, OutputQuery query, long head)
    {
        var start = query.From ?? (query.TailLines is { } lines ? LineTail.Find(segments, head, lines, query.Stream) : segments.Offsets[0]);
        return query.Since is { } since && start is { } offset ? Math.Max(offset, FirstSince(segments, since, head)) : start;
    }

    /// <summary>Where the bytes captured at or after a time begin; the head when there are none.</summary>
    private static long FirstSince(ConsoleSegments segments, DateTimeOffset since, long head)
    {
        var start = head;
        for (var segment = segments.Count - 1; segment >= 0; segment--)
        {
            using var index = segments.OpenIndex(segment);
            var place = index?.FirstSince(since) ?? 0;
            if (index is not null && place < index.Count)
            {
                start = index[place].Offset;
            }

            if (place > 0)
            {
                return start;
            }
        }

        return start;
    }

    /// <summary>The times of the bytes from <paramref name="start"/> up to <paramref name="end"/>.</summary>
    internal static ImmutableArray<OutputTime> Times(ConsoleSegments segments, long start, long end)
    {
        var times = ImmutableArray.CreateBuilder<OutputTime>();
        if (start == end)
        {
            return [];
        }

        var first = segments.Holding(start);
        if (TimeAt(segments, first, start) is { } time)
        {
            times.Add(time with { Offset = start });
        }

        for (var segment = first; segment < segments.Count && segments.Offsets[segment] < end; segment++)
        {
            using var index = segments.OpenIndex(segment);
            index?.CopyTo(times, index.FirstBehind(start), end);
        }

        return times.DrainToImmutable();
    }

    /// <summary>The latest entry at or before an offset may stand in an earlier segment's index.</summary>
    private static OutputTime? TimeAt(ConsoleSegments segments, int segment, long offset)
    {
        for (; segment >= 0; segment--)
        {
            using var index = segments.OpenIndex(segment);
            if (index?.FirstBehind(offset) is { } behind and > 0)
            {
                return index[behind - 1];
            }
        }

        return null;
    }
}
