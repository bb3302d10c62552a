namespace OrleansInstances.EndToEnd.Tests;

/// <summary>What runs on this machine, from /proc.</summary>
internal static class ProcessTable
{
    /// <summary>The processes, zombies left out, whose environment carries this instance's id.</summary>
    public static IReadOnlyList<int> OfInstance(string instanceId) => [.. Folders()
        .Where(folder => Environment(folder).Contains($"OI_INSTANCE_ID={instanceId}", StringComparison.Ordinal) && State(folder) is not ('Z' or ' '))
        .Select(Pid)];

    /// <summary>
    /// The copies of each instance that run: the sessions of its processes, of which a keeper begins one for each start. All of them
    /// ran at the same moment: the one between a first look at every process and a second, however long either takes.
    /// </summary>
    public static Dictionary<string, HashSet<string>> Copies()
    {
        const string Id = "OI_INSTANCE_ID=";
        var copies = new Dictionary<string, HashSet<string>>();
        foreach (var (folder, stat) in Folders().Select(folder => (folder, Stat(folder))).ToList())
        {
            if (stat is [not "Z", _, _, var session, ..]
                && Environment(folder).Split('\0').FirstOrDefault(variable => variable.StartsWith(Id, StringComparison.Ordinal)) is { } instance)
            {
                var id = instance[Id.Length..];
                copies.TryAdd(id, []);
                copies[id].Add(session);
            }
        }

        return copies;
    }

    /// <summary>The processes, zombies left out, whose command line has this text.</summary>
    public static IReadOnlyList<string> WithArgument(string text) => [.. Folders()
        .Where(folder => CommandLine(folder).Contains(text, StringComparison.Ordinal) && State(folder) is not ('Z' or ' '))];

    /// <summary>SIGKILL to the keeper of a data folder.</summary>
    public static async Task KillKeeperAsync(string dataFolder)
    {
        using var process = System.Diagnostics.Process.GetProcessById(await KeeperAsync(dataFolder));
        process.Kill();
    }

    /// <summary>The keeper's process, once there is one and no other that is just coming or going.</summary>
    public static async Task<int> KeeperAsync(string dataFolder) =>
        (await Eventually.Get("one keeper", () => Task.FromResult(KeepersOf(dataFolder)), keepers => keepers.Count == 1))[0];

    /// <summary>Keepers of a data folder. A child that one is about to turn into a program, which looks like it, is none.</summary>
    public static IReadOnlyList<int> KeepersOf(string dataFolder)
    {
        var alike = Folders()
            .Where(folder => CommandLine(folder).Contains($"\0--data\0{dataFolder}\0", StringComparison.Ordinal))
            .Select(folder => (Folder: folder, Stat: Stat(folder)))
            .Where(process => process.Stat is [not "Z", ..])
            .Select(process => (Pid: Path.GetFileName(process.Folder), Parent: process.Stat[1]))
            .ToList();
        return [.. alike.Where(process => alike.TrueForAll(other => other.Pid != process.Parent)).Select(process => Pid(process.Pid))];
    }

    /// <summary>The child of a process that is this program; not one that is about to become another and still looks like its parent.</summary>
    public static async Task<int> ChildAsync(int parent, string program) => (await Eventually.Get(
        $"one {program}",
        () => Task.FromResult<IReadOnlyList<int>>([.. Folders()
            .Where(folder => Parent(folder) == $"{parent}" && CommandLine(folder) is var line && line.Contains(program, StringComparison.Ordinal) && line != CommandLine($"/proc/{parent}"))
            .Select(Pid)]),
        children => children.Count == 1))[0];

    /// <summary>The letter of proc(5): R, S, T, Z and so on; blank when it is gone.</summary>
    public static char StateOf(int pid) => State($"/proc/{pid}");

    /// <summary>Its environment as it began, NUL behind each variable; empty when it is gone.</summary>
    public static string EnvironmentOf(int pid) => Environment($"/proc/{pid}");

    /// <summary>What the kernel calls it; empty when it is gone.</summary>
    public static string NameOf(int pid) => Read($"/proc/{pid}/comm").Trim();

    /// <summary>Memory of its own, in bytes.</summary>
    public static long PrivateBytes(int pid)
    {
        var line = File.ReadLines($"/proc/{pid}/status").Single(line => line.StartsWith("RssAnon:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture) * 1024;
    }

    /// <summary>Of all processes.</summary>
    private static IEnumerable<string> Folders() => Directory.EnumerateDirectories("/proc").Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0]));

    private static int Pid(string folder) => int.Parse(Path.GetFileName(folder), System.Globalization.CultureInfo.InvariantCulture);

    private static string CommandLine(string folder) => Read(Path.Combine(folder, "cmdline"));

    private static string Environment(string folder) => Read(Path.Combine(folder, "environ"));

    private static char State(string folder) => Stat(folder) is [var state, ..] ? state[0] : ' ';

    private static string Parent(string folder) => Stat(folder) is [_, var parent, ..] ? parent : "";

    /// <summary>The fields of proc(5) from the state on; none when it is gone.</summary>
    private static string[] Stat(string folder)
    {
        var stat = Read(Path.Combine(folder, "stat"));
        var end = stat.LastIndexOf(')');
        return end < 0 ? [] : stat[(end + 2)..].Split(' ');
    }

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It ended between the listing and the look, or belongs to someone else.
            return "";
        }
    }
}
