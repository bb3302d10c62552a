using OrleansInstances.Bench.Figures;
using OrleansInstances.Bench.Measurements;
using OrleansInstances.Bench.Processes;

namespace OrleansInstances.Bench;

/// <summary>
/// One measurement after another, each on a gateway and data folder of its own, so that a figure is the same alone
/// and among the others.
/// </summary>
internal sealed class BenchRun(BenchOptions options)
{
    private readonly FigureTable _table = new();
    private string? _machine;

    /// <returns>The exit code: 0 when everything was measured, 1 when something failed, 130 when interrupted.</returns>
    public async Task<int> RunAsync(CancellationToken cancel)
    {
        var exitCode = 0;
        foreach (var measurement in options.Measurements)
        {
            await Console.Error.WriteLineAsync($"measuring {measurement.Name}");
            try
            {
                await MeasureAsync(measurement, cancel);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                exitCode = 130;
                break;
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                // The others still tell something.
                await Console.Error.WriteLineAsync($"{measurement.Name} failed: {error}");
                exitCode = 1;
            }
        }

        if (!_table.IsEmpty)
        {
            Console.WriteLine(_machine);
            Console.WriteLine();
            _table.WriteTo(Console.Out);
        }

        return exitCode;
    }

    private async Task MeasureAsync(IMeasurement measurement, CancellationToken cancel)
    {
        await using var gateway = await GatewayProcess.StartAsync(cancel);
        _machine ??= await Machine.DescribeAsync(gateway.Api, cancel);
        _table.Add(await measurement.MeasureAsync(gateway, cancel));
    }
}
