using System.Diagnostics;
using System.Security.Cryptography;
using OrleansInstances.Bench.Figures;
using OrleansInstances.Bench.Floors;
using OrleansInstances.Bench.Load;
using OrleansInstances.Bench.Processes;

namespace OrleansInstances.Bench.Measurements;

/// <summary>100 MB through cat and back, over a websocket without a terminal.</summary>
internal sealed class ExecThroughput : IMeasurement
{
    private const int WarmUp = 4;
    private const int Count = 5;
    private const int PieceBytes = 32 * 1000;
    private const int Pieces = 3125;

    public string Name => "cat";

    public async Task<IReadOnlyList<Figure>> MeasureAsync(GatewayProcess gateway, CancellationToken cancel)
    {
        var id = await gateway.Api.CreateAsync(["sleep", "100000"], start: true, cancel);
        await gateway.Api.WaitUntilRunningAsync(id, cancel);
        var message = ExecSocket.Input(RandomNumberGenerator.GetBytes(PieceBytes));
        using var server = await BareKestrelProcess.StartAsync(bodyBytes: 0, cancel);
        var (ours, floor) = (new List<double>(), new List<double>());
        for (var i = 0; i < WarmUp + Count; i++)
        {
            using var exec = await ExecSocket.OpenAsync(gateway.Address, id, disableTty: true, ["cat"], cancel);
            ours.Add(await SecondsAsync(exec, message, cancel));
            using var echo = await ExecSocket.ConnectAsync(server.Address, cancel);
            floor.Add(await SecondsAsync(echo, message, cancel));
        }

        return [new("exec, 100 MB through cat", Median(ours), Median(floor), Unit.Seconds, $"{Pieces} messages of {PieceBytes} bytes there and back, no terminal, median of {Count}; floor: a bare Kestrel websocket that echoes the same messages")];
    }

    private static async Task<double> SecondsAsync(ExecSocket socket, byte[] message, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        var sending = Task.Run(
            async () =>
            {
                for (var i = 0; i < Pieces; i++)
                {
                    await socket.SendAsync(message, cancel);
                }
            },
            cancel);
        for (long left = (long)Pieces * PieceBytes; left > 0;)
        {
            left -= await socket.ReceiveAsync(cancel);
        }

        await sending;
        return clock.Elapsed.TotalSeconds;
    }

    private static double Median(IEnumerable<double> rounds) => rounds.Skip(WarmUp).Order().ElementAt(Count / 2);
}
