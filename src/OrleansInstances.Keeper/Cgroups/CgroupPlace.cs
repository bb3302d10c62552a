namespace OrleansInstances.Keeper.Cgroups;

/// <summary>Where this process is in the hierarchy that has a controller.</summary>
/// <param name="Folder">Its cgroup's folder, absolute.</param>
/// <param name="IsUnified">cgroup v2.</param>
internal sealed record CgroupPlace(string Folder, bool IsUnified)
{
    /// <summary>By controller, from /proc/self/mountinfo and /proc/self/cgroup (proc(5), cgroups(7)).</summary>
    /// <param name="controllersOf">The controllers that a v2 cgroup's folder has.</param>
    public static IReadOnlyDictionary<string, CgroupPlace> Parse(
        IEnumerable<string> mountInfo, IEnumerable<string> selfCgroup, Func<string, IReadOnlyList<string>> controllersOf)
    {
        var mounts = mountInfo.Select(Mount.Parse).OfType<Mount>().ToList();
        var places = new Dictionary<string, CgroupPlace>();
        foreach (var line in selfCgroup)
        {
            if (line.Split(':', 3) is not [_, var controllers, var path])
            {
                continue;
            }

            var isUnified = controllers.Length == 0;
            var names = controllers.Split(',');
            if (mounts.Find(mount => mount.IsUnified == isUnified && (isUnified || mount.Options.Intersect(names).Any())) is not { } mount)
            {
                continue;
            }

            var place = new CgroupPlace(mount.FolderOf(path), isUnified);
            foreach (var name in isUnified ? controllersOf(place.Folder) : names)
            {
                // A controller is in one hierarchy only.
                places.TryAdd(name, place);
            }
        }

        return places;
    }

    /// <summary>As the kernel tells now; none where nothing is mounted.</summary>
    public static IReadOnlyDictionary<string, CgroupPlace> OfThisProcess() => Parse(
        File.ReadLines("/proc/self/mountinfo"),
        File.ReadLines("/proc/self/cgroup"),
        folder => Path.Combine(folder, "cgroup.controllers") is var file && File.Exists(file) ? File.ReadAllText(file).Trim().Split(' ') : []);

    private sealed record Mount(string Root, string Point, bool IsUnified, string[] Options)
    {
        public static Mount? Parse(string line)
        {
            if (line.Split(" - ") is not [var place, var what]
                || place.Split(' ') is not [_, _, _, var root, var point, ..]
                || what.Split(' ') is not [var type and ("cgroup" or "cgroup2"), _, var options])
            {
                return null;
            }

            return new(root, point, type == "cgroup2", options.Split(','));
        }

        // In a container the root of the mount may be below the root of the hierarchy that the path counts from.
        public string FolderOf(string path)
        {
            var below = path == Root ? "" : Root == "/" ? path : path.StartsWith(Root + "/", StringComparison.Ordinal) ? path[Root.Length..] : "";
            return Point + below.TrimEnd('/');
        }
    }
}
