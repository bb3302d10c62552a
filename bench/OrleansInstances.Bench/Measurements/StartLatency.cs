using System.Diagnostics;
using System.Globalization;
using System.Text;
using OrleansInstances.Bench.Figures;
using OrleansInstances.Bench.Processes;

namespace OrleansInstances.Bench.Measurements;

/// <summary>From the start request to the child's own first moment, which it writes to its console.</summary>
internal sealed class StartLatency : IMeasurement
{
    private const int WarmUp = 100;
    private const int Count = 50;

    private static readonly string[] Child = ["/bin/bash", "-c", "echo $EPOCHREALTIME"];
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(1);

    public string Name => "start";

    public async Task<IReadOnlyList<Figure>> MeasureAsync(GatewayProcess gateway, CancellationToken cancel)
    {
        var id = await gateway.Api.CreateAsync(Child, start: false, cancel);
        var replies = new List<TimeSpan>();
        var offset = 0L;
        var (ours, floor) = await Latencies.CompareAsync(WarmUp, Count, OnceAsync, FloorAsync);
        var reply = new Latencies(replies.TakeLast(Count));
        return
        [
            new("start, median", ours.Median, floor.Median, Unit.Milliseconds, $"POST start to bash's first moment, n={Count}; floor: Process.Start of the same"),
            new("start, p95", ours.P95, floor.P95, Unit.Milliseconds, "the same"),
            new("start, reply", reply.Median, null, Unit.Milliseconds, "POST start to its answer, median"),
        ];

        async Task<TimeSpan> OnceAsync()
        {
            var clock = Stopwatch.StartNew();
            var sent = DateTimeOffset.UtcNow;
            await gateway.Api.DoAsync(id, "start", cancel);
            replies.Add(clock.Elapsed);
            var line = await Eventually.Get("the child's line", () => gateway.Api.OutputAsync(id, offset, cancel), IsLine, Pace, cancel);
            offset += line.Length;
            await gateway.Api.WaitForStateAsync(id, Pace, cancel, "stopped");
            return Moment(Encoding.ASCII.GetString(line)) - sent;
        }
    }

    private static async Task<TimeSpan> FloorAsync()
    {
        var sent = DateTimeOffset.UtcNow;
        using var child = PipedChild.Start(Child);
        using var output = new StreamReader(child.Output);
        return Moment(await output.ReadToEndAsync()) - sent;
    }

    private static bool IsLine(byte[] bytes) => bytes is [.., (byte)'\n'];

    /// <summary>Reads bash's EPOCHREALTIME: seconds, a separator, six digits of microseconds.</summary>
    private static DateTimeOffset Moment(string line)
    {
        var microseconds = long.Parse(string.Concat(line.Where(char.IsAsciiDigit)), CultureInfo.InvariantCulture);
        return DateTimeOffset.UnixEpoch.AddMicroseconds(microseconds);
    }
}
