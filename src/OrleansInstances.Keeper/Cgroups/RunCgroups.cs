using System.Globalization;
using System.Text;
using OrleansInstances.Keeper.Interop;
using OrleansInstances.Keeper.Protocol;

namespace OrleansInstances.Keeper.Cgroups;

/// <summary>
/// Makes a cgroup for each run that has limits, below the keeper's own, one folder in each hierarchy. What can't be
/// enforced is told; nothing else takes its place.
/// </summary>
internal sealed class RunCgroups(string dataFolder, IReadOnlyDictionary<string, CgroupPlace> places)
{
    private const string Memory = "memory";
    private const string Cpu = "cpu";
    private const string Pids = "pids";
    private const int CpuPeriodMicroseconds = 100_000;

    /// <summary>The same for every keeper of this data folder, and no other's.</summary>
    private readonly string _name = string.Create(CultureInfo.InvariantCulture, $"oi-{Hash(dataFolder):x16}");

    /// <summary>Sets up what a start asks for. The program is not in there yet.</summary>
    public RunCgroup Create(Guid instanceId, long epoch, RunLimits limits)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{instanceId:N}-{epoch}");
        var folders = new HashSet<string>();
        var faults = new List<string>();
        return new RunCgroup(
            folders,
            new EnforcedLimits(
                Set(Memory, limits.MemoryBytes > 0, folder => LimitMemory(folder, limits.MemoryBytes)),
                Set(Cpu, limits.Cpus > 0, folder => LimitCpu(folder, limits.Cpus)),
                Set(Pids, limits.Pids > 0, folder => Write(folder, "pids.max", limits.Pids)),
                faults.Count == 0 ? null : string.Join(" ", faults)));

        bool? Set(string controller, bool isAsked, Action<string> limit)
        {
            if (!isAsked)
            {
                return null;
            }

            try
            {
                if (!places.TryGetValue(controller, out var place))
                {
                    throw new IOException("this machine has no such controller");
                }

                var folder = Make(place, controller, name);
                folders.Add(folder);
                limit(folder);
                return true;
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                faults.Add($"The {controller} limit can't be enforced: {failure.Message}.");
                return false;
            }
        }
    }

    /// <summary>Removes what runs left that nobody knows any more; a cgroup with processes in it can't be removed, and stays.</summary>
    public void RemoveStale(IEnumerable<string> known)
    {
        var keep = known.ToHashSet();
        foreach (var parent in places.Values.Select(place => Path.Combine(place.Folder, _name)).Distinct().Where(Directory.Exists))
        {
            foreach (var folder in Directory.EnumerateDirectories(parent).Where(folder => !keep.Contains(folder)))
            {
                _ = Posix.TryRemoveFolder(folder);
            }

            _ = Posix.TryRemoveFolder(parent);
        }
    }

    /// <summary>FNV-1a. A cryptographic one would bring 3.4 MB of a library into every node's keeper for the sake of a name.</summary>
    private static ulong Hash(string text) =>
        Encoding.UTF8.GetBytes(text).Aggregate(14695981039346656037UL, (hash, value) => unchecked((hash ^ value) * 1099511628211UL));

    private string Make(CgroupPlace place, string controller, string name)
    {
        var parent = Path.Combine(place.Folder, _name);
        Directory.CreateDirectory(parent);
        if (place.IsUnified)
        {
            HandDown(place.Folder, controller);
            HandDown(parent, controller);
        }

        var folder = Path.Combine(parent, name);
        Directory.CreateDirectory(folder);
        return folder;
    }

    /// <summary>v2 limits children only when their parent says so, and a parent that does has no processes of its own, unless it is the root.</summary>
    private static void HandDown(string folder, string controller)
    {
        var control = Path.Combine(folder, "cgroup.subtree_control");
        if (File.ReadAllText(control).Split([' ', '\n']).Contains(controller))
        {
            return;
        }

        var inside = File.ReadAllLines(Path.Combine(folder, "cgroup.procs"));
        if (File.Exists(Path.Combine(folder, "cgroup.type")) && inside is [var only] && only == Environment.ProcessId.ToString(CultureInfo.InvariantCulture))
        {
            var own = Path.Combine(folder, "oi-keeper");
            Directory.CreateDirectory(own);
            Write(own, RunCgroup.Processes, Environment.ProcessId);
        }

        Write(folder, "cgroup.subtree_control", "+" + controller);
    }

    private static void LimitMemory(string folder, long bytes)
    {
        if (File.Exists(Path.Combine(folder, "memory.max")))
        {
            Write(folder, "memory.max", bytes);
            if (File.Exists(Path.Combine(folder, "memory.swap.max")))
            {
                // v2 counts swap apart: without any, the sum is within the limit.
                Write(folder, "memory.swap.max", 0);
            }

            return;
        }

        Write(folder, "memory.limit_in_bytes", bytes);
        if (File.Exists(Path.Combine(folder, "memory.memsw.limit_in_bytes")))
        {
            Write(folder, "memory.memsw.limit_in_bytes", bytes);
        }
    }

    private static void LimitCpu(string folder, double cpus)
    {
        var quota = (long)(cpus * CpuPeriodMicroseconds);
        if (File.Exists(Path.Combine(folder, "cpu.max")))
        {
            Write(folder, "cpu.max", $"{quota} {CpuPeriodMicroseconds}");
            return;
        }

        Write(folder, "cpu.cfs_period_us", CpuPeriodMicroseconds);
        Write(folder, "cpu.cfs_quota_us", quota);
    }

    private static void Write(string folder, string file, object value) => RunCgroup.Write(folder, file, string.Create(CultureInfo.InvariantCulture, $"{value}"));
}
