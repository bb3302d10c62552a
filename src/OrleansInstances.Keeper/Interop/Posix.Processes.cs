using System.Runtime.InteropServices;

namespace OrleansInstances.Keeper.Interop;

internal static partial class Posix
{
    // System call numbers, the same on every architecture since Linux 5; glibc has wrappers only from 2.36 on.
    private const long PidfdSendSignalCall = 424;
    private const long PidfdOpenCall = 434;

    private const int WaitByAny = 0;
    private const int WaitByPid = 1;
    private const int WaitByPidfd = 3;
    private const int WaitExited = 4;
    private const int WaitNoHang = 1;
    private const int WaitLeave = 0x01000000;
    private const int ChildExited = 1;
    private const int SignalInfoBytes = 128;
    private const int SignalInfoCode = 8;
    private const int SignalInfoPid = 16;
    private const int SignalInfoStatus = 24;

    // ioctl PIDFD_GET_INFO: _IOWR(0xFF, 11, struct pidfd_info), in its first published size (linux/pidfd.h).
    private const int PidfdInfoBytes = 64;
    private const int PidfdInfoExitCode = 60;
    private const ulong PidfdInfoExit = 1 << 3;
    private const nuint PidfdGetInfo = 0xC000_0000 | (PidfdInfoBytes << 16) | (0xFF << 8) | 11;

    /// <summary>pidfd_open(2). ESRCH: no such process. Readable once the process has ended.</summary>
    public static int TryPidfdOpen(int pid, out int fd)
    {
        fd = (int)syscall(PidfdOpenCall, pid, 0, 0, 0);
        return fd < 0 ? LastErrno : 0;
    }

    /// <summary>pidfd_send_signal(2): never hits another process that took over the number.</summary>
    public static int TryPidfdSignal(int pidfd, int signal) =>
        syscall(PidfdSendSignalCall, pidfd, signal, 0, 0) == 0 ? 0 : LastErrno;

    /// <summary>waitid(2) with P_PIDFD: reaps an ended child. Null while it runs, or when it is no child of ours.</summary>
    public static ExitStatus? TryReap(int pidfd) => TryWait(pidfd, WaitExited | WaitNoHang);

    /// <summary>Like <see cref="TryReap"/>, and the child stays a zombie.</summary>
    public static ExitStatus? TryPeek(int pidfd) => TryWait(pidfd, WaitExited | WaitNoHang | WaitLeave);

    private static ExitStatus? TryWait(int pidfd, int options)
    {
        Span<byte> info = stackalloc byte[SignalInfoBytes];
        info.Clear();
        if (waitid(WaitByPidfd, pidfd, ref info[0], options) != 0 || MemoryMarshal.Read<int>(info[SignalInfoPid..]) == 0)
        {
            return null;
        }

        var status = MemoryMarshal.Read<int>(info[SignalInfoStatus..]);
        return MemoryMarshal.Read<int>(info[SignalInfoCode..]) == ChildExited ? ExitStatus.Exit(status) : ExitStatus.Killed(status);
    }

    /// <summary>Ends a child that nothing watches yet and waits until it is gone.</summary>
    public static void KillChild(int pid)
    {
        Span<byte> info = stackalloc byte[SignalInfoBytes];
        _ = kill(pid, Signals.Kill);
        while (waitid(WaitByPid, pid, ref info[0], WaitExited) != 0 && LastErrno == Errno.Interrupted)
        {
        }
    }

    /// <summary>waitid(2) of any child that has ended, leaving it unreaped; 0 when there is none.</summary>
    public static int TryPeekEnded()
    {
        Span<byte> info = stackalloc byte[SignalInfoBytes];
        info.Clear();
        return waitid(WaitByAny, 0, ref info[0], WaitExited | WaitNoHang | WaitLeave) == 0 ? MemoryMarshal.Read<int>(info[SignalInfoPid..]) : 0;
    }

    /// <summary>waitid(2) of a child that has ended.</summary>
    public static void ReapEnded(int pid)
    {
        Span<byte> info = stackalloc byte[SignalInfoBytes];
        _ = waitid(WaitByPid, pid, ref info[0], WaitExited | WaitNoHang);
    }

    /// <summary>ioctl PIDFD_GET_INFO with PIDFD_INFO_EXIT (Linux 6.15): the status of a reaped process that need not be our child.</summary>
    public static ExitStatus? TryExitInfo(int pidfd)
    {
        Span<byte> info = stackalloc byte[PidfdInfoBytes];
        info.Clear();
        MemoryMarshal.Write(info, PidfdInfoExit);
        if (ioctl(pidfd, PidfdGetInfo, ref info[0]) != 0 || (MemoryMarshal.Read<ulong>(info) & PidfdInfoExit) == 0)
        {
            return null;
        }

        return ExitStatus.FromWaitStatus(MemoryMarshal.Read<int>(info[PidfdInfoExitCode..]));
    }

    /// <summary>getsid(2) of any process; negative when it is gone.</summary>
    public static int SessionOf(int pid) => getsid(pid);

    /// <summary>setsid(2); false when this process leads a group already.</summary>
    public static bool TryNewSession() => setsid() >= 0;

    /// <summary>signal(2) with SIG_IGN or SIG_DFL.</summary>
    public static void SetDisposition(int number, bool ignore)
    {
        if (signal(number, ignore ? 1 : 0) == -1)
        {
            throw new PosixException($"signal {number}", LastErrno);
        }
    }

    /// <summary>setrlimit(2): raises the soft limit of open files to the hard one; returns it.</summary>
    public static ulong RaiseOpenFiles()
    {
        const int OpenFiles = 7;
        Span<ulong> limit = stackalloc ulong[2];
        if (getrlimit(OpenFiles, ref limit[0]) != 0)
        {
            throw new PosixException("getrlimit RLIMIT_NOFILE", LastErrno);
        }

        limit[0] = limit[1];
        return setrlimit(OpenFiles, ref limit[0]) == 0 ? limit[0] : throw new PosixException("setrlimit RLIMIT_NOFILE", LastErrno);
    }

    [LibraryImport(Libc, SetLastError = true)]
    private static partial long syscall(long number, long first, long second, long third, long fourth);

    [LibraryImport(Libc, SetLastError = true)]
    private static partial int kill(int pid, int signal);

    [LibraryImport(Libc, SetLastError = true)]
    private static partial int waitid(int idType, int id, ref byte info, int options);

    [LibraryImport(Libc, SetLastError = true)]
    private static partial int ioctl(int fd, nuint request, ref byte argument);

    [LibraryImport(Libc)]
    private static partial int getsid(int pid);

    [LibraryImport(Libc)]
    private static partial int setsid();

    [LibraryImport(Libc, SetLastError = true)]
    private static partial nint signal(int number, nint disposition);

    [LibraryImport(Libc, SetLastError = true)]
    private static partial int getrlimit(int resource, ref ulong limit);

    [LibraryImport(Libc, SetLastError = true)]
    private static partial int setrlimit(int resource, ref ulong limit);
}
