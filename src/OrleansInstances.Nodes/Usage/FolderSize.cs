using System.IO.Enumeration;

namespace OrleansInstances.Nodes.Usage;

/// <summary>How many bytes the files of a folder have.</summary>
internal static class FolderSize
{
    /// <summary>Files that are counted; what a folder has beyond is left out, so that one huge folder does not hold up everybody's numbers.</summary>
    private const int MaxFiles = 100_000;

    private static readonly EnumerationOptions Everything = new()
    {
        RecurseSubdirectories = true,
        AttributesToSkip = FileAttributes.ReparsePoint,
        IgnoreInaccessible = true,
    };

    /// <summary>0 for a folder that isn't there. Symbolic links are neither counted nor followed.</summary>
    public static long Of(string folder)
    {
        try
        {
            return new FileSystemEnumerable<long>(folder, (ref FileSystemEntry entry) => entry.IsDirectory ? 0 : entry.Length, Everything)
                .Take(MaxFiles)
                .Sum();
        }
        catch (DirectoryNotFoundException)
        {
            return 0;
        }
    }
}
