using System.Diagnostics;
using System.Globalization;

namespace OrleansInstances.Bench.Processes;

/// <summary>What a process costs, from /proc.</summary>
internal static class ProcessFigures
{
    /// <summary>CPU time of all its threads so far, in seconds; the kernel counts in steps of 10 ms.</summary>
    public static double CpuSeconds(int pid)
    {
        using var process = Process.GetProcessById(pid);
        return process.TotalProcessorTime.TotalSeconds;
    }

    /// <summary>The memory that only this process has, in KiB: Private_Clean and Private_Dirty of smaps_rollup.</summary>
    public static double PrivateKibiBytes(int pid) => File
        .ReadLines($"/proc/{pid}/smaps_rollup")
        .Where(line => line.StartsWith("Private_Clean:", StringComparison.Ordinal) || line.StartsWith("Private_Dirty:", StringComparison.Ordinal))
        .Sum(line => double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture));

    /// <summary>The most memory that it had in RAM at any moment, in KiB: VmHWM.</summary>
    public static double PeakKibiBytes(int pid) => double.Parse(
        File.ReadLines($"/proc/{pid}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);

    /// <summary>The process whose command line names all of <paramref name="parts"/>.</summary>
    /// <exception cref="InvalidOperationException">There is none, or more than one.</exception>
    public static int Find(params string[] parts)
    {
        var found = Directory.EnumerateDirectories("/proc")
            .Where(folder => int.TryParse(Path.GetFileName(folder), out _))
            .Where(folder => parts.All(CommandLine(folder).Contains))
            .ToList();
        return found is [var only]
            ? int.Parse(Path.GetFileName(only), CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"{found.Count} processes name {string.Join(" and ", parts)}.");
    }

    private static string CommandLine(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "cmdline"));
        }
        catch (IOException)
        {
            // It ended between the listing and the look.
            return "";
        }
    }
}
