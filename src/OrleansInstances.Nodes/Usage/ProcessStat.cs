using System.Buffers.Text;

namespace OrleansInstances.Nodes.Usage;

/// <summary>What /proc/PID/stat says of a process (proc_pid_stat(5)).</summary>
/// <param name="Cpu">User and system time of it and of the children it has waited for, in ticks of 10 ms.</param>
/// <param name="StartTicks">Start time after boot, in ticks.</param>
/// <param name="ResidentPages">Resident memory in pages.</param>
internal readonly record struct ProcessStat(int Pid, int Parent, int Session, bool IsZombie, long Cpu, long StartTicks, long ResidentPages)
{
    private const int State = 3;
    private const int ParentPid = 4;
    private const int SessionId = 6;
    private const int UserTime = 14;
    private const int ChildrenSystemTime = 17;
    private const int StartTime = 22;
    private const int Resident = 24;

    /// <summary>False for a line that is cut short.</summary>
    public static bool TryParse(ReadOnlySpan<byte> line, out ProcessStat stat)
    {
        stat = default;

        // The name may itself hold blanks and brackets: the fields go on behind its last closing one.
        var nameEnd = line.LastIndexOf((byte)')');
        if (!Utf8Parser.TryParse(line, out int pid, out _) || nameEnd < 0 || nameEnd + 2 > line.Length)
        {
            return false;
        }

        var (parent, session, isZombie, cpu, start) = (0, 0, false, 0L, 0L);
        var fields = line[(nameEnd + 2)..];
        var field = State;
        foreach (var range in fields.Split((byte)' '))
        {
            var text = fields[range];
            Utf8Parser.TryParse(text, out long value, out _);
            switch (field)
            {
                case State:
                    isZombie = text is [(byte)'Z'] or [(byte)'X'];
                    break;
                case ParentPid:
                    parent = (int)value;
                    break;
                case SessionId:
                    session = (int)value;
                    break;
                case >= UserTime and <= ChildrenSystemTime:
                    cpu += value;
                    break;
                case StartTime:
                    start = value;
                    break;
                case Resident:
                    stat = new ProcessStat(pid, parent, session, isZombie, cpu, start, value);
                    return true;
            }

            field++;
        }

        return false;
    }
}
