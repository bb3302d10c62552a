using System.Diagnostics;
using OrleansInstances.Bench.Figures;
using OrleansInstances.Bench.Processes;

namespace OrleansInstances.Bench.Measurements;

/// <summary>From the input request until the echo can be read.</summary>
internal sealed class ConsoleRoundTrip : IMeasurement
{
    private const int WarmUp = 500;
    private const int Count = 500;

    private static readonly string[] Child = ["/bin/cat"];
    private static readonly byte[] Line = "0123456789 abcdefghijklmnopqrstu\n"u8.ToArray();

    public string Name => "console";

    public async Task<IReadOnlyList<Figure>> MeasureAsync(GatewayProcess gateway, CancellationToken cancel)
    {
        using var child = PipedChild.Start(Child);
        var echo = new byte[Line.Length];
        var id = await gateway.Api.CreateAsync(Child, start: true, cancel);
        await gateway.Api.WaitUntilRunningAsync(id, cancel);
        var offset = 0L;
        var (ours, floor) = await Latencies.CompareAsync(WarmUp, Count, OnceAsync, FloorAsync);
        return
        [
            new("console, median", ours.Median, floor.Median, Unit.Milliseconds, $"POST input, then GET logs again and again until the echo is there (no follow yet), n={Count}; floor: a pipe to cat and back"),
            new("console, p95", ours.P95, floor.P95, Unit.Milliseconds, "the same"),
        ];

        async Task<TimeSpan> OnceAsync()
        {
            var clock = Stopwatch.StartNew();
            await gateway.Api.InputAsync(id, Line, cancel);
            var output = await Eventually.Get(
                "the echo",
                () => gateway.Api.OutputAsync(id, offset, cancel),
                bytes => bytes.Length >= Line.Length,
                TimeSpan.Zero,
                cancel);
            var taken = clock.Elapsed;
            Expect(output);
            offset += output.Length;
            return taken;
        }

        // On the thread's own blocking calls: an asynchronous read of a pipe only adds a hop through the pool.
        Task<TimeSpan> FloorAsync()
        {
            var clock = Stopwatch.StartNew();
            child.Input.Write(Line);
            child.Input.Flush();
            child.Output.ReadExactly(echo);
            return Task.FromResult(clock.Elapsed);
        }
    }

    private static void Expect(byte[] output)
    {
        if (!output.AsSpan().SequenceEqual(Line))
        {
            throw new InvalidDataException($"The echo is {Convert.ToHexString(output)}.");
        }
    }
}
