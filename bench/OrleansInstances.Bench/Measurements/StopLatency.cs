using System.Diagnostics;
using OrleansInstances.Bench.Figures;
using OrleansInstances.Bench.Processes;

namespace OrleansInstances.Bench.Measurements;

/// <summary>From the stop request to its answer, which comes when the program has ended.</summary>
internal sealed class StopLatency : IMeasurement
{
    private const int WarmUp = 100;
    private const int Count = 100;

    private static readonly string[] Child = ["/bin/cat"];

    public string Name => "stop";

    public async Task<IReadOnlyList<Figure>> MeasureAsync(GatewayProcess gateway, CancellationToken cancel)
    {
        var id = await gateway.Api.CreateAsync(Child, start: false, cancel);
        var (ours, floor) = await Latencies.CompareAsync(WarmUp, Count, OnceAsync, FloorAsync);
        return
        [
            new("stop, median", ours.Median, floor.Median, Unit.Milliseconds, $"POST stop of a cat to its answer, n={Count}; floor: kill and wait for a child of Process"),
            new("stop, p95", ours.P95, floor.P95, Unit.Milliseconds, "the same"),
        ];

        async Task<TimeSpan> OnceAsync()
        {
            await gateway.Api.DoAsync(id, "start", cancel);
            await gateway.Api.WaitUntilRunningAsync(id, cancel);
            var clock = Stopwatch.StartNew();
            await gateway.Api.DoAsync(id, "stop", cancel);
            return clock.Elapsed;
        }
    }

    private static async Task<TimeSpan> FloorAsync()
    {
        using var child = PipedChild.Start(Child);
        await EchoAsync(child);
        var clock = Stopwatch.StartNew();
        child.Kill();
        return clock.Elapsed;
    }

    /// <summary>Waits until cat itself runs, not the fork that becomes it.</summary>
    private static async Task EchoAsync(PipedChild child)
    {
        await child.Input.WriteAsync("\n"u8.ToArray());
        await child.Input.FlushAsync();
        await child.Output.ReadExactlyAsync(new byte[1]);
    }
}
