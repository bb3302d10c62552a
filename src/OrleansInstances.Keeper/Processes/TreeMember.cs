using OrleansInstances.Keeper.Interop;

namespace OrleansInstances.Keeper.Processes;

/// <summary>A living process of a run's tree.</summary>
/// <param name="Exec">The command beside the program that started it, as far as its environment was looked at.</param>
internal readonly record struct TreeMember(int Pid, ProcessStat Stat, Guid? Exec)
{
    /// <summary>Sends a signal to this very process; one that took over its number meanwhile is spared.</summary>
    public void Signal(int signal)
    {
        if (Posix.TryPidfdOpen(Pid, out var pidfd) is var errno and not 0)
        {
            if (errno != Errno.NoProcess)
            {
                throw new PosixException($"pidfd_open {Pid}", errno);
            }

            return;
        }

        try
        {
            if (ProcessStat.Read(Pid) is { } now && now.StartTicks == Stat.StartTicks)
            {
                // ESRCH: it ended meanwhile. EPERM: it changed its user, which only a set-uid program can.
                _ = Posix.TryPidfdSignal(pidfd, signal);
            }
        }
        finally
        {
            Posix.Close(pidfd);
        }
    }
}
