namespace OrleansInstances.Keeper.Tests.Support;

/// <summary>What /proc shows of a process.</summary>
internal static class LiveProcess
{
    /// <summary>The state letter; null when it is gone. A zombie counts as gone.</summary>
    public static char? State(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var state = stat[stat.LastIndexOf(')') + 2];
            return state is 'Z' or 'X' ? null : state;
        }
        catch (IOException)
        {
            return null;
        }
    }

    public static bool IsGone(int pid) => State(pid) is null;
}
