using OrleansInstances.Keeper.Interop;

namespace OrleansInstances.Keeper.Processes;

/// <summary>
/// A run's own process, held by a pidfd: readable when it ends, and a way to signal it that can't hit another one.
/// </summary>
/// <param name="Pid">Its number, and that of its session.</param>
/// <param name="Pidfd">Owned.</param>
/// <param name="IsChild">Started by this keeper, so that it stays a zombie, and its number taken, until it is reaped.</param>
internal sealed record MainProcess(int Pid, long StartTicks, int Pidfd, bool IsChild) : IDisposable
{
    /// <summary>Takes charge of a child that was just started.</summary>
    public static MainProcess OfChild(int pid)
    {
        var errno = Posix.TryPidfdOpen(pid, out var pidfd);
        return errno == 0
            ? new MainProcess(pid, ProcessStat.Read(pid)!.Value.StartTicks, pidfd, IsChild: true)
            : throw new PosixException($"pidfd_open {pid}", errno);
    }

    /// <summary>Takes charge of a process that another keeper started; null when it is gone.</summary>
    public static MainProcess? Adopt(int pid, long startTicks)
    {
        if (Posix.TryPidfdOpen(pid, out var pidfd) is var errno and not 0)
        {
            return errno is Errno.NoProcess or Errno.Invalid ? null : throw new PosixException($"pidfd_open {pid}", errno);
        }

        // Read after the pidfd was opened: what is compared is what is held.
        if (ProcessStat.Read(pid) is { } stat && stat.StartTicks == startTicks)
        {
            return new MainProcess(pid, startTicks, pidfd, IsChild: false);
        }

        Posix.Close(pidfd);
        return null;
    }

    /// <summary>errno; ESRCH when it has ended.</summary>
    public int TrySignal(int signal) => Posix.TryPidfdSignal(Pidfd, signal);

    /// <summary>How it ended, once it has; reaps a child. Null when the kernel doesn't tell.</summary>
    public ExitStatus? TakeExitStatus()
    {
        if (IsChild)
        {
            return Posix.TryReap(Pidfd);
        }

        // The kernel tells once it is reaped, /proc until then; it may be reaped between the two.
        return Posix.TryExitInfo(Pidfd) ?? ExitStatusOfZombie() ?? Posix.TryExitInfo(Pidfd);
    }

    /// <summary>How an ended child ended; its number stays taken.</summary>
    public ExitStatus? PeekExitStatus() => Posix.TryPeek(Pidfd);

    public void Dispose() => Posix.Close(Pidfd);

    // Its new parent may be slow to reap it, or never do so; until then the status is in /proc.
    private ExitStatus? ExitStatusOfZombie() =>
        ProcessStat.Read(Pid) is { IsZombie: true } stat && stat.StartTicks == StartTicks ? ExitStatus.FromWaitStatus(stat.WaitStatus) : null;
}
