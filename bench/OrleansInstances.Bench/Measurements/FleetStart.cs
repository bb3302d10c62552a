using System.Diagnostics;
using OrleansInstances.Bench.Figures;
using OrleansInstances.Bench.Processes;

namespace OrleansInstances.Bench.Measurements;

/// <summary>Many instances created and started, from the first request until all run.</summary>
internal sealed class FleetStart(IReadOnlyList<int> sizes) : IMeasurement
{
    private const int WarmUp = 64;

    public string Name => "fleet";

    public async Task<IReadOnlyList<Figure>> MeasureAsync(GatewayProcess gateway, CancellationToken cancel)
    {
        await Fleet.DeleteAsync(gateway.Api, await Fleet.StartAsync(gateway.Api, WarmUp, cancel), cancel);
        var figures = new List<Figure>();
        foreach (var size in sizes)
        {
            var floor = Floor(size);
            var clock = Stopwatch.StartNew();
            var ids = await Fleet.StartAsync(gateway.Api, size, cancel);
            var ours = clock.Elapsed;
            await Fleet.DeleteAsync(gateway.Api, ids, cancel);
            figures.Add(new($"{size} started", ours.TotalSeconds, floor.TotalSeconds, Unit.Seconds, $"first create to all running, {Fleet.Concurrency} requests at once; floor: {size} Process.Start of cat"));
        }

        return figures;
    }

    private static TimeSpan Floor(int size)
    {
        var children = new List<PipedChild>(size);
        try
        {
            var clock = Stopwatch.StartNew();
            for (var i = 0; i < size; i++)
            {
                children.Add(PipedChild.Start(Fleet.Child));
            }

            return clock.Elapsed;
        }
        finally
        {
            children.ForEach(child => child.Dispose());
        }
    }
}
