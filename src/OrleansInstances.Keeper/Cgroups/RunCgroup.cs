using System.Globalization;
using System.Text;
using OrleansInstances.Keeper.Interop;
using OrleansInstances.Keeper.Protocol;

namespace OrleansInstances.Keeper.Cgroups;

/// <summary>The cgroup of a run.</summary>
/// <param name="folders">One in each hierarchy.</param>
/// <param name="enforced">What it limits.</param>
internal sealed class RunCgroup(IReadOnlyCollection<string> folders, EnforcedLimits enforced)
{
    public const string Processes = "cgroup.procs";

    public IReadOnlyCollection<string> Folders => folders;

    public EnforcedLimits Enforced => enforced;

    /// <summary>Puts a process in, and all that it forks from then on.</summary>
    /// <exception cref="IOException">The kernel refuses.</exception>
    public void Place(int pid)
    {
        foreach (var folder in folders)
        {
            Write(folder, Processes, pid.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Processes that the kernel killed because the memory limit was reached.</summary>
    public static long CountOomKills(IEnumerable<string> folders)
    {
        foreach (var folder in folders)
        {
            foreach (var file in (ReadOnlySpan<string>)["memory.events", "memory.oom_control"])
            {
                var path = Path.Combine(folder, file);
                if (File.Exists(path) && File.ReadLines(path).FirstOrDefault(line => line.StartsWith("oom_kill ", StringComparison.Ordinal)) is { } line)
                {
                    return long.Parse(line.AsSpan("oom_kill ".Length), CultureInfo.InvariantCulture);
                }
            }
        }

        return 0;
    }

    /// <summary>What can't be removed now is removed when the next keeper starts.</summary>
    public static void Remove(IEnumerable<string> folders)
    {
        foreach (var folder in folders)
        {
            _ = Posix.TryRemoveFolder(folder);

            // That of all runs: it goes with the last one.
            _ = Posix.TryRemoveFolder(Path.GetDirectoryName(folder)!);
        }
    }

    public static void Write(string folder, string file, string value)
    {
        var path = Path.Combine(folder, file);
        var fd = Posix.Open(path, OpenFlags.WriteOnly);
        try
        {
            if (Posix.TryWrite(fd, Encoding.ASCII.GetBytes(value), out _) is var errno and not 0)
            {
                throw new PosixException($"write {value} to {path}", errno);
            }
        }
        finally
        {
            Posix.Close(fd);
        }
    }
}
