using System.Diagnostics;
using System.Security.Cryptography;
using OrleansInstances.Bench.Figures;
using OrleansInstances.Bench.Floors;
using OrleansInstances.Bench.Processes;

namespace OrleansInstances.Bench.Measurements;

/// <summary>A million numbered lines of 100 bytes: captured whole, and read back.</summary>
internal sealed class CapturedLines : IMeasurement
{
    private const int TotalBytes = 100_000_000;
    private const int ReadBytes = 64 * 1024;
    private const int WarmUp = 1;
    private const int Count = 3;

    /// <summary>Numbers of 99 digits: seq counts such in text, which makes it as quick as a producer gets.</summary>
    private static readonly string[] Child = ["/usr/bin/seq", "1" + new string('0', 98), "1" + new string('0', 92) + "999999"];

    /// <summary>Each look takes CPU from what is measured, so not more often than the figure's last digit needs.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(5);

    public string Name => "lines";

    public async Task<IReadOnlyList<Figure>> MeasureAsync(GatewayProcess gateway, CancellationToken cancel)
    {
        var produced = await HashOfProducedAsync(cancel);
        var runs = new List<Run>();
        var (captured, floor) = await Latencies.CompareAsync(WarmUp, Count, CaptureAsync, FloorAsync);
        using var server = await BareKestrelProcess.StartAsync(TotalBytes, cancel);
        using var http = new HttpClient();
        var (readBack, served) = await Latencies.CompareAsync(WarmUp, Count, ReadBackAsync, ServedAsync);
        var counted = runs.Skip(WarmUp).ToList();
        return
        [
            new("1M lines captured", captured.Median / 1000, floor.Median / 1000, Unit.Seconds, $"start to exited, looked at each 5 ms, read back whole by length and hash, median of {Count}; floor: drained from a pipe, 64 KiB reads"),
            new("  silo CPU", counted.Average(run => run.SiloCpu), null, Unit.Seconds, "meanwhile, our looking included"),
            new("  keeper CPU", counted.Average(run => run.KeeperCpu), null, Unit.Seconds, "meanwhile"),
            new("100 MB read back", readBack.Median / 1000, served.Median / 1000, Unit.Seconds, "GET logs?from=0&format=raw; floor: as much from a bare Kestrel's memory"),
        ];

        async Task<TimeSpan> CaptureAsync()
        {
            var run = await RunAsync(gateway, cancel);
            runs.Add(run);
            await ExpectAsync(gateway.Api, run.Id, produced, cancel);
            return run.Taken;
        }

        async Task<TimeSpan> ReadBackAsync()
        {
            var clock = Stopwatch.StartNew();
            await using var output = await gateway.Api.OpenOutputAsync(runs[^1].Id, cancel);
            await DrainAsync(output, cancel);
            return clock.Elapsed;
        }

        async Task<TimeSpan> ServedAsync()
        {
            var clock = Stopwatch.StartNew();
            await using var body = await http.GetStreamAsync(server.Address, cancel);
            await DrainAsync(body, cancel);
            return clock.Elapsed;
        }
    }

    private static async Task<Run> RunAsync(GatewayProcess gateway, CancellationToken cancel)
    {
        var id = await gateway.Api.CreateAsync(Child, start: false, cancel, consoleMaxBytes: 4L * TotalBytes);
        var keeper = gateway.KeeperPid;
        var (silo, kept) = (ProcessFigures.CpuSeconds(gateway.SiloPid), ProcessFigures.CpuSeconds(keeper));
        var clock = Stopwatch.StartNew();
        await gateway.Api.DoAsync(id, "start", cancel);
        await gateway.Api.WaitForStateAsync(id, Pace, cancel, "stopped");
        return new Run(
            id,
            clock.Elapsed,
            ProcessFigures.CpuSeconds(gateway.SiloPid) - silo,
            ProcessFigures.CpuSeconds(keeper) - kept);
    }

    /// <exception cref="InvalidDataException">What was captured is not what was produced.</exception>
    private static async Task ExpectAsync(InstancesApi api, string id, string produced, CancellationToken cancel)
    {
        await using var output = await api.OpenOutputAsync(id, cancel);
        var captured = Convert.ToHexString(await SHA256.HashDataAsync(output, cancel));
        if (captured != produced)
        {
            throw new InvalidDataException($"What was captured has the hash {captured}, what seq produces {produced}.");
        }
    }

    /// <summary>On blocking reads: an asynchronous read of a pipe is a blocking one on another thread.</summary>
    private static Task<TimeSpan> FloorAsync()
    {
        var clock = Stopwatch.StartNew();
        using var child = PipedChild.Start(Child);
        var buffer = new byte[ReadBytes];
        var total = 0L;
        while (child.Output.Read(buffer) is > 0 and var read)
        {
            total += read;
        }

        child.WaitForExit();
        ExpectWhole(total);
        return Task.FromResult(clock.Elapsed);
    }

    private static async Task<string> HashOfProducedAsync(CancellationToken cancel)
    {
        using var child = PipedChild.Start(Child);
        return Convert.ToHexString(await SHA256.HashDataAsync(child.Output, cancel));
    }

    /// <exception cref="InvalidDataException">There were more or fewer bytes than a million lines have.</exception>
    private static async Task DrainAsync(Stream stream, CancellationToken cancel)
    {
        var buffer = new byte[ReadBytes];
        var total = 0L;
        while (await stream.ReadAsync(buffer, cancel) is > 0 and var read)
        {
            total += read;
        }

        ExpectWhole(total);
    }

    private static void ExpectWhole(long total)
    {
        if (total != TotalBytes)
        {
            throw new InvalidDataException($"{total} bytes instead of {TotalBytes}.");
        }
    }

    private sealed record Run(string Id, TimeSpan Taken, double SiloCpu, double KeeperCpu);
}
