using System.Diagnostics;
using OrleansInstances.Bench.Figures;
using OrleansInstances.Bench.Floors;
using OrleansInstances.Bench.Processes;

namespace OrleansInstances.Bench.Measurements;

/// <summary>What many instances at rest cost: a page of a list, the start of a silo, its memory. The last two beside those without any.</summary>
internal sealed class LargeCatalog(int size) : IMeasurement
{
    private const int Starts = 5;
    private const int WarmUp = 20;
    private const int Count = 100;

    private static readonly (string What, string Filter)[] Pages =
    [
        ("any", ""),
        ("stopped", "&status=stopped"),
        ("running: none", "&status=running"),
        ("a name", "&name=web-77"),
        ("a label of all", "&label=env:prod"),
        ("a label of 1 in 200", "&label=team:t7"),
        ("both labels, stopped", "&label=env:prod&label=team:t7&status=stopped"),
    ];

    public string Name => "catalog";

    public async Task<IReadOnlyList<Figure>> MeasureAsync(GatewayProcess gateway, CancellationToken cancel)
    {
        var empty = await StartAsync(gateway, cancel);
        await Parallel.ForEachAsync(
            Enumerable.Range(1, size),
            new ParallelOptions { MaxDegreeOfParallelism = Fleet.Concurrency, CancellationToken = cancel },
            async (n, _) => await gateway.Api.CreateAtRestAsync($"web-{n}", new { env = "prod", team = $"t{n % 200}" }, cancel));
        var full = await StartAsync(gateway, cancel);

        var with = $"{size} at rest; floor: with none";
        var figures = new List<Figure>
        {
            new("start until ready", full.Ready.Median / 1000, empty.Ready.Median / 1000, Unit.Seconds, $"of the silo, its keeper runs, median of {Starts}; {with}"),
            new("  most memory then", full.Peak, empty.Peak, Unit.KibiBytes, $"VmHWM when it is ready, the least of {Starts}; {with}"),
            new("  memory", full.Settled, empty.Settled, Unit.KibiBytes, $"private memory after forced collections; {with}"),
        };
        foreach (var (what, filter) in Pages)
        {
            figures.AddRange(await PageAsync(gateway, what, $"/api/instances?limit=100{filter}", cancel));
        }

        return figures;
    }

    private static async Task<(Latencies Ready, double Peak, double Settled)> StartAsync(GatewayProcess gateway, CancellationToken cancel)
    {
        var times = new List<TimeSpan>();
        var peak = double.MaxValue;
        for (var i = 0; i < Starts; i++)
        {
            times.Add(await gateway.RestartAsync(cancel));
            peak = Math.Min(peak, ProcessFigures.PeakKibiBytes(gateway.SiloPid));
        }

        return (new Latencies(times), peak, await SettledMemory.AfterCollectionsAsync(gateway.SiloPid, cancel));
    }

    private static async Task<IReadOnlyList<Figure>> PageAsync(GatewayProcess gateway, string what, string path, CancellationToken cancel)
    {
        var bytes = (await gateway.Api.GetAsync(path, cancel)).ToJsonString().Length;
        using var server = await BareKestrelProcess.StartAsync(bytes, cancel);
        using var bare = new HttpClient { BaseAddress = server.Address };
        var (ours, floor) = await Latencies.CompareAsync(
            WarmUp, Count, () => TimeAsync(() => gateway.Api.GetBytesAsync(path, cancel)), () => TimeAsync(() => bare.GetByteArrayAsync(new Uri("/", UriKind.Relative), cancel)));
        return
        [
            new($"page of 100: {what}", ours.Median, floor.Median, Unit.Milliseconds, $"GET by one caller, {bytes / 1024} KiB, median of {Count}; floor: bare Kestrel, as many bytes"),
            new("  p95", ours.P95, floor.P95, Unit.Milliseconds, "the same"),
        ];
    }

    private static async Task<TimeSpan> TimeAsync(Func<Task> get)
    {
        var clock = Stopwatch.StartNew();
        await get();
        return clock.Elapsed;
    }
}
