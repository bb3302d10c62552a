using System.Buffers.Text;
using System.Text.Unicode;
using OrleansInstances.Keeper.Interop;

namespace OrleansInstances.Keeper.Processes;

/// <summary>What proc(5) says of a process in /proc/PID/stat.</summary>
/// <param name="State">R, S, D, T, t, Z, X, …</param>
/// <param name="Threads">Field 20.</param>
/// <param name="StartTicks">Field 22; with the pid and the boot id it names the process.</param>
/// <param name="WaitStatus">Field 52, as wait(2) gives it; 0 unless we may trace the process, and while it runs.</param>
internal readonly record struct ProcessStat(char State, int Threads, long StartTicks, int WaitStatus)
{
    private const int LargestStatFile = 4096;
    private const int ThreadsField = 20;
    private const int StartTicksField = 22;
    private const int WaitStatusField = 52;
    private const int FirstFieldAfterName = 3;

    /// <summary>All of it has ended. A main thread alone may end before the others and shows Z as well.</summary>
    public bool IsZombie => State is 'Z' or 'X' && Threads <= 1;

    public bool IsStopped => State is 'T' or 't';

    /// <summary>Null when there is no such process.</summary>
    public static ProcessStat? Read(int pid)
    {
        Span<byte> path = stackalloc byte[32];
        Utf8.TryWrite(path, $"/proc/{pid}/stat\0", out _);
        if (Posix.TryOpenRead(path, out var fd) is var errno and not 0)
        {
            return errno is Errno.NoEntry or Errno.NoProcess ? null : throw new PosixException($"open /proc/{pid}/stat", errno);
        }

        Span<byte> buffer = stackalloc byte[LargestStatFile];
        errno = Posix.TryRead(fd, buffer, out var read);
        Posix.Close(fd);
        return errno == 0 && read > 0 ? Parse(buffer[..read]) : null;
    }

    private static ProcessStat Parse(ReadOnlySpan<byte> stat)
    {
        // The name, field 2, is in parentheses and may hold anything, parentheses too.
        var rest = stat[(stat.LastIndexOf((byte)')') + 2)..];
        var state = (char)rest[0];
        long startTicks = 0;
        int threads = 0, waitStatus = 0;
        var field = FirstFieldAfterName;
        foreach (var range in rest.Split((byte)' '))
        {
            switch (field++)
            {
                case ThreadsField:
                    _ = Utf8Parser.TryParse(rest[range], out threads, out _);
                    break;
                case StartTicksField:
                    _ = Utf8Parser.TryParse(rest[range], out startTicks, out _);
                    break;
                case WaitStatusField:
                    _ = Utf8Parser.TryParse(rest[range], out waitStatus, out _);
                    break;
            }
        }

        return new ProcessStat(state, threads, startTicks, waitStatus);
    }
}
