using OrleansInstances.Grains.Launches;

namespace OrleansInstances.Gateway.Dialects.Chutes.Inventory;

/// <summary>What of an inventory makes no sense.</summary>
internal static class InventoryRules
{
    /// <summary>The first fault with where it is; null when all is well.</summary>
    public static string? FindFault(InventoryBody inventory) =>
        inventory.Chutes.Select(FindFault).Concat(inventory.Gpus.Select(FindFault)).Concat(inventory.Jobs.Select(FindFault)).FirstOrDefault(fault => fault is not null);

    private static string? FindFault(ChuteBody chute)
    {
        var selector = chute.NodeSelector;
        var unknown = (selector.Include ?? []).Concat(selector.Exclude ?? []).FirstOrDefault(gpu => !GpuTable.Kinds.ContainsKey(gpu));
        return selector switch
        {
            { GpuCount: < 1 or > 8 } => $"chute {chute.ChuteId}: gpu_count is {selector.GpuCount}: it must be 1 to 8.",
            { MinVramGb: < 16 or > 140 } => $"chute {chute.ChuteId}: min_vram_gb_per_gpu is {selector.MinVramGb}: it must be 16 to 140.",
            _ when unknown is not null => $"chute {chute.ChuteId}: {UnknownGpu(unknown)}",
            _ when chute.TargetCount < 0 => $"chute {chute.ChuteId}: target_count is {chute.TargetCount}: it must be 0 or more.",
            _ => null,
        };
    }

    private static string? FindFault(GpuBody gpu) => GpuTable.Kinds.ContainsKey(gpu.Gpu) ? null : $"node {gpu.Uuid}: {UnknownGpu(gpu.Gpu)}";

    private static string? FindFault(JobBody job) => job.Ports.FirstOrDefault(port => port.Port is < 22 or > ushort.MaxValue || port.Proto.ToLowerInvariant() is not ("tcp" or "udp" or "http")) is { } bad
        ? $"job {job.JobId}: port {bad.Proto}:{bad.Port}: it must be tcp, udp or http and 22 to {ushort.MaxValue}."
        : null;

    private static string UnknownGpu(string gpu) => $"there is no GPU \"{gpu}\": it must be one of {string.Join(", ", GpuTable.Kinds.Keys.Order(StringComparer.Ordinal))}.";
}
