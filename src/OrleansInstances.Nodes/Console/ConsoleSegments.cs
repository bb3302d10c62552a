using System.Collections.Immutable;
using Microsoft.Win32.SafeHandles;
using OrleansInstances.Keeper.Console;

namespace OrleansInstances.Nodes.Console;

/// <summary>The first offsets of a console's segment files, ascending, as they were when listed.</summary>
internal readonly record struct ConsoleSegments(string Folder, ImmutableArray<long> Offsets)
{
    /// <summary>Null when there is no console.</summary>
    public static ConsoleSegments? List(string folder)
    {
        try
        {
            var offsets = ImmutableArray.CreateBuilder<long>();
            foreach (var file in Directory.EnumerateFiles(folder))
            {
                if (ConsoleFormat.TryParseSegment(Path.GetFileName(file.AsSpan()), out var offset))
                {
                    offsets.Add(offset);
                }
            }

            offsets.Sort();
            return new ConsoleSegments(folder, offsets.DrainToImmutable());
        }
        catch (DirectoryNotFoundException)
        {
            return null;
        }
    }

    public int Count => Offsets.Length;

    /// <summary>The segment that holds an offset, by its place in the list; below the first offset the first one.</summary>
    public int Holding(long offset)
    {
        var place = Offsets.BinarySearch(offset);
        return Math.Max(place >= 0 ? place : ~place - 1, 0);
    }

    /// <summary>Without the first <paramref name="count"/> segments, but for the last one.</summary>
    public ConsoleSegments Behind(int count) => this with { Offsets = Offsets[Math.Min(count, Count - 1)..] };

    /// <summary>Whether there is a segment that begins at an offset, listed or not.</summary>
    public bool Exists(long offset) => File.Exists(Path.Combine(Folder, ConsoleFormat.SegmentName(offset)));

    /// <summary>Null when the segment was dropped meanwhile.</summary>
    public SafeFileHandle? Open(int segment) => TryOpen(ConsoleFormat.SegmentName(Offsets[segment]));

    /// <summary>Null when the segment was dropped meanwhile, or has no index yet.</summary>
    public TimeIndex? OpenIndex(int segment) =>
        TryOpen(ConsoleFormat.IndexName(Offsets[segment])) is { } file ? new TimeIndex(file) : null;

    private SafeFileHandle? TryOpen(string name)
    {
        try
        {
            return File.OpenHandle(Path.Combine(Folder, name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
