using System.Globalization;

namespace OrleansInstances.Keeper;

/// <param name="DataFolder">Absolute.</param>
/// <param name="StopsAll">Stop a running keeper and its instances in place of running one.</param>
/// <param name="Timeout">What the instances get to end by themselves.</param>
/// <param name="Silo">Program and arguments of a silo to run; none when it is on its own.</param>
internal sealed record KeeperArguments(string DataFolder, bool StopsAll, TimeSpan Timeout, IReadOnlyList<string> Silo)
{
    public const string Usage = """
        usage: OrleansInstances.Keeper --data DIR
               OrleansInstances.Keeper --data DIR --stop-all [--timeout-seconds N]
               OrleansInstances.Keeper --data DIR [--timeout-seconds N] -- SILO [ARGUMENT...]
        """;

    private const int DefaultTimeoutSeconds = 10;
    private const int LongestTimeoutSeconds = 24 * 60 * 60;

    /// <summary>Null when they make no sense.</summary>
    public static KeeperArguments? Parse(ReadOnlySpan<string> arguments)
    {
        string? dataFolder = null;
        var stopsAll = false;
        var timeout = DefaultTimeoutSeconds;
        string[] silo = [];
        while (!arguments.IsEmpty)
        {
            switch (arguments)
            {
                case ["--data", { Length: > 0 } folder, .. var rest]:
                    dataFolder = Path.GetFullPath(folder);
                    arguments = rest;
                    break;
                case ["--", { Length: > 0 }, ..] when !stopsAll:
                    silo = [.. arguments[1..]];
                    arguments = [];
                    break;
                case ["--stop-all", .. var rest]:
                    stopsAll = true;
                    arguments = rest;
                    break;
                case ["--timeout-seconds", var seconds, .. var rest]
                    when int.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out timeout) && timeout <= LongestTimeoutSeconds:
                    arguments = rest;
                    break;
                default:
                    return null;
            }
        }

        return dataFolder is null ? null : new KeeperArguments(dataFolder, stopsAll, TimeSpan.FromSeconds(timeout), silo);
    }
}
