using System.Diagnostics;
using OrleansInstances.Bench.Figures;
using OrleansInstances.Bench.Floors;
using OrleansInstances.Bench.Load;
using OrleansInstances.Bench.Processes;

namespace OrleansInstances.Bench.Measurements;

/// <summary>From a keystroke to its echo on the terminal of a command, and how long many sessions take to be there.</summary>
internal sealed class ExecEcho : IMeasurement
{
    // Together below what a terminal keeps of a line that nobody ends.
    private const int WarmUp = 1000;
    private const int Count = 2000;
    private const int Sessions = 200;

    private static readonly byte[] Key = ExecSocket.Input("x"u8.ToArray());

    public string Name => "exec";

    public async Task<IReadOnlyList<Figure>> MeasureAsync(GatewayProcess gateway, CancellationToken cancel)
    {
        var id = await gateway.Api.CreateAsync(["sleep", "100000"], start: true, cancel);
        await gateway.Api.WaitUntilRunningAsync(id, cancel);
        using var local = new LocalTerminal();
        using var terminal = await ExecSocket.OpenAsync(gateway.Address, id, disableTty: false, ["sleep", "100000"], cancel);
        var (ours, floor) = await Latencies.CompareAsync(WarmUp, Count, OnceAsync, FloorAsync);
        return
        [
            new("exec, key to echo, median", ours.Median, floor.Median, Unit.Milliseconds, $"a key through the websocket until its echo, n={Count}; floor: a pseudo-terminal in this process"),
            new("exec, key to echo, p95", ours.P95, floor.P95, Unit.Milliseconds, "the same"),
            new($"exec, {Sessions} at once", await OpenManyAsync(gateway.Address, id, cancel), null, Unit.Seconds, $"{Sessions} terminals opened at once until each has echoed a key"),
        ];

        async Task<TimeSpan> OnceAsync()
        {
            var clock = Stopwatch.StartNew();
            await terminal.SendAsync(Key, cancel);
            Expect(await terminal.ReceiveAsync(cancel));
            return clock.Elapsed;
        }

        async Task<TimeSpan> FloorAsync()
        {
            var echo = new byte[16];
            var clock = Stopwatch.StartNew();
            await local.Controller.SendAsync("x"u8.ToArray(), cancel);
            Expect(await local.Controller.ReceiveAsync(echo, cancel));
            return clock.Elapsed;
        }
    }

    private static async Task<double> OpenManyAsync(Uri gateway, string id, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        var sockets = await Task.WhenAll(Enumerable.Range(0, Sessions).Select(async _ =>
        {
            var socket = await ExecSocket.OpenAsync(gateway, id, disableTty: false, ["sleep", "100000"], cancel);
            await socket.SendAsync(Key, cancel);
            Expect(await socket.ReceiveAsync(cancel));
            return socket;
        }));
        var taken = clock.Elapsed.TotalSeconds;
        Array.ForEach(sockets, socket => socket.Dispose());
        return taken;
    }

    private static void Expect(int bytes)
    {
        if (bytes != 1)
        {
            throw new InvalidDataException($"The echo of one key is {bytes} bytes.");
        }
    }
}
