using OrleansInstances.Bench.Figures;
using OrleansInstances.Bench.Processes;

namespace OrleansInstances.Bench.Measurements;

/// <summary>What silo and keeper hold for one running instance.</summary>
internal sealed class MemoryPerInstance(int size) : IMeasurement
{
    public string Name => "memory";

    public async Task<IReadOnlyList<Figure>> MeasureAsync(GatewayProcess gateway, CancellationToken cancel)
    {
        // Code, pools and buffers that the first fleet brings in are not what an instance costs.
        await Fleet.DeleteAsync(gateway.Api, await Fleet.StartAsync(gateway.Api, size, cancel), cancel);
        var keeper = gateway.KeeperPid;
        var (siloBefore, keeperBefore) = await LookAsync();
        await Fleet.StartAsync(gateway.Api, size, cancel);
        var (siloAfter, keeperAfter) = await LookAsync();
        var (siloEach, keeperEach) = ((siloAfter - siloBefore) / size, (keeperAfter - keeperBefore) / size);
        return
        [
            new("memory each, silo + keeper", siloEach + keeperEach, null, Unit.KibiBytes, $"private memory with {size} running minus with 0, divided by {size}"),
            new("  silo", siloEach, null, Unit.KibiBytes, $"after forced collections; {siloBefore / 1024:0} MiB with 0"),
            new("  keeper", keeperEach, null, Unit.KibiBytes, $"as it is: it lets nobody force one; {keeperBefore / 1024:0} MiB with 0"),
        ];

        async Task<(double Silo, double Keeper)> LookAsync() =>
            (await SettledMemory.AfterCollectionsAsync(gateway.SiloPid, cancel), await SettledMemory.AsItIsAsync(keeper, cancel));
    }
}
