namespace OrleansInstances.Keeper.Console;

/// <summary>The segment files of one console, by their names.</summary>
internal static class ConsoleSegments
{
    /// <summary>The first offsets of the segments in a folder, ascending; none when the folder isn't there.</summary>
    public static List<long> Find(string folder)
    {
        var offsets = new List<long>();
        if (Directory.Exists(folder))
        {
            foreach (var path in Directory.EnumerateFiles(folder))
            {
                if (ConsoleFormat.TryParseSegment(Path.GetFileName(path.AsSpan()), out var offset))
                {
                    offsets.Add(offset);
                }
            }
        }

        offsets.Sort();
        return offsets;
    }

    /// <summary>The console's length: the offset that the next byte will have.</summary>
    public static long End(string folder) =>
        Find(folder) is [.., var last] ? last + new FileInfo(Path.Combine(folder, ConsoleFormat.SegmentName(last))).Length : 0;
}
