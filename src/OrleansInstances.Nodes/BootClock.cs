using System.Runtime.InteropServices;

namespace OrleansInstances.Nodes;

/// <summary>The clock of leases: it goes on while the process is stopped and while the machine sleeps.</summary>
public static partial class BootClock
{
    private const int ClockBootTime = 7;

    /// <summary>clock_gettime(2) of CLOCK_BOOTTIME, in milliseconds.</summary>
    /// <exception cref="PlatformNotSupportedException">Elsewhere than on Linux.</exception>
    public static long NowMs()
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("Leases need Linux.");
        }

        _ = GetTime(ClockBootTime, out var time);
        return (time.Seconds * 1000) + (time.Nanoseconds / 1_000_000);
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out Timespec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Timespec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
