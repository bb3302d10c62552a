using OrleansInstances.Bench.Figures;
using OrleansInstances.Bench.Processes;

namespace OrleansInstances.Bench.Measurements;

/// <summary>What silo and keeper hold for one running instance.</summary>
internal sealed class MemoryPerInstance(int size) : IMeasurement
{
    /// <summary>The runtime gives free regions back once that many collections have found no use for them, and a few more.</summary>
    private const int Collections = 25;

    private const int SameInARow = 4;
    private const int MaxLooks = 60;

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(500);

    public string Name => "memory";

    public async Task<IReadOnlyList<Figure>> MeasureAsync(GatewayProcess gateway, CancellationToken cancel)
    {
        // Code, pools and buffers that the first fleet brings in are not what an instance costs.
        await Fleet.DeleteAsync(gateway.Api, await Fleet.StartAsync(gateway.Api, size, cancel), cancel);
        var keeper = gateway.KeeperPid;
        var (siloBefore, keeperBefore) = await SettledAsync(gateway.SiloPid, keeper, cancel);
        await Fleet.StartAsync(gateway.Api, size, cancel);
        var (siloAfter, keeperAfter) = await SettledAsync(gateway.SiloPid, keeper, cancel);
        var (siloEach, keeperEach) = ((siloAfter - siloBefore) / size, (keeperAfter - keeperBefore) / size);
        return
        [
            new("memory each, silo + keeper", siloEach + keeperEach, null, Unit.KibiBytes, $"private memory with {size} running minus with 0, divided by {size}"),
            new("  silo", siloEach, null, Unit.KibiBytes, $"after forced collections; {siloBefore / 1024:0} MiB with 0"),
            new("  keeper", keeperEach, null, Unit.KibiBytes, $"as it is: it lets nobody force one; {keeperBefore / 1024:0} MiB with 0"),
        ];
    }

    /// <summary>Private memory of both in KiB once it stays the same, the silo's after full collections.</summary>
    private static async Task<(double Silo, double Keeper)> SettledAsync(int silo, int keeper, CancellationToken cancel)
    {
        for (var i = 0; i < Collections; i++)
        {
            await GarbageCollection.RunInAsync(silo, cancel);
        }

        return (await SettledAsync(silo, cancel), await SettledAsync(keeper, cancel));
    }

    private static async Task<double> SettledAsync(int pid, CancellationToken cancel)
    {
        var (last, same) = (double.MaxValue, 0);
        for (var look = 0; look < MaxLooks && same < SameInARow; look++)
        {
            await Task.Delay(Pace, cancel);
            var now = ProcessFigures.PrivateKibiBytes(pid);
            same = Math.Abs(now - last) < last / 500 ? same + 1 : 0;
            last = now;
        }

        return last;
    }
}
