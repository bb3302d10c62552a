using System.Globalization;

namespace OrleansInstances.Nodes.Usage;

/// <summary>All processes of the machine at one moment, and which belong to which main process.</summary>
internal sealed class ProcessTree
{
    /// <summary>Longer chains of parents don't exist; a pid reused while /proc was read could make a ring.</summary>
    private const int MaxDepth = 1024;

    private readonly Dictionary<int, ProcessStat> _processes = [];

    public ProcessTree(IEnumerable<ProcessStat> processes)
    {
        foreach (var process in processes)
        {
            _processes[process.Pid] = process;
        }
    }

    /// <summary>Reads /proc once; processes that end meanwhile are left out.</summary>
    public static ProcessTree Read()
    {
        var processes = new List<ProcessStat>();
        Span<byte> line = stackalloc byte[1024];
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out _)
                && Posix.ReadSmallFile(folder + "/stat", line) is var length and > 0
                && ProcessStat.TryParse(line[..length], out var stat))
            {
                processes.Add(stat);
            }
        }

        return new ProcessTree(processes);
    }

    /// <summary>True while that very process lives; a zombie does not.</summary>
    public bool IsAlive(int pid, long startTicks) =>
        _processes.TryGetValue(pid, out var process) && process.StartTicks == startTicks && !process.IsZombie;

    /// <summary>CPU ticks and resident pages of each tree: the processes of the main one's session, and its descendants.</summary>
    public Dictionary<int, (long CpuTicks, long ResidentPages)> Sum(IReadOnlySet<int> mainPids)
    {
        var sums = new Dictionary<int, (long CpuTicks, long ResidentPages)>(mainPids.Count);
        foreach (var process in _processes.Values)
        {
            if (FindMain(process, mainPids) is { } main)
            {
                var (cpu, pages) = sums.GetValueOrDefault(main);
                sums[main] = (cpu + process.Cpu, pages + process.ResidentPages);
            }
        }

        return sums;
    }

    private int? FindMain(ProcessStat process, IReadOnlySet<int> mainPids)
    {
        for (var depth = 0; depth < MaxDepth; depth++)
        {
            if (mainPids.Contains(process.Pid))
            {
                return process.Pid;
            }

            if (mainPids.Contains(process.Session))
            {
                return process.Session;
            }

            if (!_processes.TryGetValue(process.Parent, out process))
            {
                return null;
            }
        }

        return null;
    }
}
