using OrleansInstances.Bench.Figures;
using OrleansInstances.Bench.Floors;
using OrleansInstances.Bench.Load;
using OrleansInstances.Bench.Processes;

namespace OrleansInstances.Bench.Measurements;

/// <summary>How many GETs of an instance are answered a second, with more and more instances running.</summary>
/// <param name="counts">Ascending.</param>
internal sealed class StatusRequests(IReadOnlyList<int> counts) : IMeasurement
{
    private const int WarmUp = 1;
    private const int Count = 3;

    public string Name => "status";

    public async Task<IReadOnlyList<Figure>> MeasureAsync(GatewayProcess gateway, CancellationToken cancel)
    {
        var figures = new List<Figure>();
        var paths = new List<string>();
        foreach (var count in counts)
        {
            var added = await Fleet.StartAsync(gateway.Api, count - paths.Count, cancel);
            paths.AddRange(added.Select(id => $"/api/instances/{id}"));
            var (_, bodyBytes) = await RequestLoad.RunAsync(gateway.Address, paths, cancel);
            using var server = await BareKestrelProcess.StartAsync(bodyBytes, cancel);
            var (ours, floor) = await CompareAsync(gateway.Address, paths, server.Address, cancel);
            figures.Add(new($"status requests, {count} running", ours, floor, Unit.PerSecond, $"GET of each in turn with a key, {RequestLoad.Connections} connections, median of {Count}; floor: bare Kestrel, as many bytes"));
        }

        return figures;
    }

    /// <summary>Takes turns, so that whatever else the machine does meets both.</summary>
    private static async Task<(double Ours, double Floor)> CompareAsync(Uri gateway, IReadOnlyList<string> paths, Uri bare, CancellationToken cancel)
    {
        var (ours, floor) = (new List<double>(), new List<double>());
        for (var i = 0; i < WarmUp + Count; i++)
        {
            ours.Add((await RequestLoad.RunAsync(gateway, paths, cancel)).PerSecond);
            floor.Add((await RequestLoad.RunAsync(bare, ["/"], cancel)).PerSecond);
        }

        return (Median(ours), Median(floor));
    }

    private static double Median(IEnumerable<double> rounds) => rounds.Skip(WarmUp).Order().ElementAt(Count / 2);
}
