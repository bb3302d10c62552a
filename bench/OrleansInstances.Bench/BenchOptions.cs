using System.Diagnostics.CodeAnalysis;
using OrleansInstances.Bench.Measurements;

namespace OrleansInstances.Bench;

/// <summary>What a run measures, from the command line.</summary>
internal sealed record BenchOptions(IReadOnlyList<IMeasurement> Measurements)
{
    /// <param name="args"><c>--only NAME[,NAME]</c> leaves the others out, <c>--full</c> adds the sizes that take long.</param>
    /// <param name="options">Null when the arguments are wrong.</param>
    /// <param name="problem">Then says why, and how it is used.</param>
    public static bool TryParse(
        IReadOnlyList<string> args,
        [NotNullWhen(true)] out BenchOptions? options,
        [NotNullWhen(false)] out string? problem)
    {
        var measurements = All(args.Contains("--full"));
        options = null;
        problem = null;
        for (var i = 0; i < args.Count; i++)
        {
            if (args[i] == "--only" && i + 1 < args.Count)
            {
                var names = args[++i].Split(',');
                var strangers = names.Except(measurements.Select(measurement => measurement.Name));
                problem ??= strangers.FirstOrDefault() is { } stranger ? $"--only knows no \"{stranger}\"." : null;
                measurements = [.. measurements.Where(measurement => names.Contains(measurement.Name))];
            }
            else if (args[i] != "--full")
            {
                problem ??= $"\"{args[i]}\" is no option.";
            }
        }

        if (problem is not null)
        {
            var names = string.Join(", ", All(full: false).Select(measurement => measurement.Name));
            problem += $"\nusage: OrleansInstances.Bench [--only NAME[,NAME]] [--full]\nnames: {names}";
            return false;
        }

        options = new BenchOptions(measurements);
        return true;
    }

    private static IReadOnlyList<IMeasurement> All(bool full) =>
    [
        new StartLatency(),
        new StopLatency(),
        new ConsoleRoundTrip(),
        new CapturedLines(),
        new ExecEcho(),
        new ExecThroughput(),
        new FleetStart(full ? [200, 1000] : [200]),
        new StatusRequests(full ? [1, 100, 1000] : [1, 100]),
        new MemoryPerInstance(full ? 1000 : 200),
        new LargeCatalog(full ? 100_000 : 10_000),
    ];
}
