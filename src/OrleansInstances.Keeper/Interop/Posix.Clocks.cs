using System.Runtime.InteropServices;

namespace OrleansInstances.Keeper.Interop;

internal static partial class Posix
{
    private const int ClockBootTime = 7;
    private const int TimerNonBlockingCloseOnExec = 0x80800;
    private const int TimerAbsolute = 1;

    /// <summary>CLOCK_BOOTTIME in milliseconds: since the boot, the time that the machine slept included.</summary>
    public static long BootTimeMs()
    {
        return clock_gettime(ClockBootTime, out var now) == 0
            ? (now.Seconds * 1000) + (now.Nanoseconds / 1_000_000)
            : throw new PosixException("clock_gettime", LastErrno);
    }

    /// <summary>A descriptor that becomes readable at a time of CLOCK_BOOTTIME.</summary>
    public static int CreateBootTimer()
    {
        var fd = timerfd_create(ClockBootTime, TimerNonBlockingCloseOnExec);
        return fd >= 0 ? fd : throw new PosixException("timerfd_create", LastErrno);
    }

    /// <summary>Sets the timer to a time in milliseconds; one that is past makes it readable at once.</summary>
    public static void SetBootTimer(int timer, long atMs)
    {
        var next = new TimerSpec { At = new TimeSpec { Seconds = atMs / 1000, Nanoseconds = atMs % 1000 * 1_000_000 } };
        if (timerfd_settime(timer, TimerAbsolute, in next, 0) != 0)
        {
            throw new PosixException("timerfd_settime", LastErrno);
        }
    }

    [LibraryImport(Libc, SetLastError = true)]
    private static partial int clock_gettime(int clock, out TimeSpec now);

    [LibraryImport(Libc, SetLastError = true)]
    private static partial int timerfd_create(int clock, int flags);

    [LibraryImport(Libc, SetLastError = true)]
    private static partial int timerfd_settime(int timer, int flags, in TimerSpec next, nint previous);

    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    private struct TimerSpec
    {
        public TimeSpec Interval;
        public TimeSpec At;
    }
}
