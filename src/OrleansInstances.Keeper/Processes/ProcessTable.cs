using System.Globalization;
using System.IO.Enumeration;
using OrleansInstances.Keeper.Interop;

namespace OrleansInstances.Keeper.Processes;

/// <summary>One pass over /proc: every process in a run's session or with a run's mark. One pass serves many runs.</summary>
internal sealed class ProcessTable
{
    private static readonly EnumerationOptions EveryEntry = new() { AttributesToSkip = FileAttributes.None };

    private readonly List<Entry> _entries = [];

    private ProcessTable()
    {
    }

    /// <summary>
    /// No process was born during the pass. Otherwise a member may have been missed: one born behind the pass whose parent
    /// ended before the pass reached it.
    /// </summary>
    public bool IsExact { get; private set; }

    /// <param name="runSessions">
    /// Sessions of runs, and of commands beside them. Whoever is in one belongs to that run and needs no look at its
    /// environment, which is what costs.
    /// </param>
    public static ProcessTable Scan(IReadOnlySet<int> runSessions)
    {
        var table = new ProcessTable();
        var newestBefore = NewestPid();
        foreach (var pid in new FileSystemEnumerable<int>("/proc", Pid, EveryEntry) { ShouldIncludePredicate = IsProcess })
        {
            // Negative: it ended since. 0: a kernel thread, or begun outside of this pid namespace.
            if (pid != Environment.ProcessId && Posix.SessionOf(pid) is var session and > 0)
            {
                table.Add(pid, session, runSessions);
            }
        }

        table.IsExact = NewestPid() == newestBefore;
        return table;
    }

    /// <summary>
    /// The living processes of a tree: those whose mark is the tree's, and those in a session of it. Zombies don't count.
    /// </summary>
    public IEnumerable<TreeMember> MembersOf(Func<ProcessMark, bool> isMark, Func<int, bool> isSession)
    {
        foreach (var entry in _entries)
        {
            if (((entry.Mark is { } mark && isMark(mark)) || isSession(entry.Session)) && ProcessStat.Read(entry.Pid) is { IsZombie: false } stat)
            {
                yield return new TreeMember(entry.Pid, stat, entry.Mark?.Exec);
            }
        }
    }

    private void Add(int pid, int session, IReadOnlySet<int> runSessions)
    {
        if (runSessions.Contains(session))
        {
            _entries.Add(new Entry(pid, session, null));
        }
        else if (ProcessMark.Of(pid) is { } mark)
        {
            _entries.Add(new Entry(pid, session, mark));
        }
    }

    // The last field of proc(5) loadavg: the pid that was given out last.
    private static string NewestPid() => File.ReadAllText("/proc/loadavg").Split(' ')[^1];

    private static int Pid(ref FileSystemEntry entry) => int.Parse(entry.FileName, NumberStyles.None, CultureInfo.InvariantCulture);

    private static bool IsProcess(ref FileSystemEntry entry) => char.IsAsciiDigit(entry.FileName[0]);

    private readonly record struct Entry(int Pid, int Session, ProcessMark? Mark);
}
