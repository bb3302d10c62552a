using System.Globalization;
using OrleansInstances.Gateway.Dialects.Chutes.Hosts;
using OrleansInstances.Grains.Launches;
using OrleansInstances.Storage.Chutes;

namespace OrleansInstances.Gateway.Dialects.Chutes.Inventory;

/// <summary>What of an inventory makes no sense, whoever sends it.</summary>
internal static class InventoryRules
{
    private const int MaxKey = 128;
    private const int MaxText = 1024;

    /// <summary>The first fault with where it is; null when all is well.</summary>
    public static string? FindFault(InventoryBody inventory) => FindFaults(inventory).FirstOrDefault(fault => fault is not null);

    /// <summary>What something lacks that was not stored for that reason.</summary>
    public static string Fault(MissingReference missing) => missing.Kind == ChuteInventoryKind.Gpu
        ? $"node {missing.Key}: there is no miner \"{missing.Missing}\"."
        : $"job {missing.Key}: there is no chute \"{missing.Missing}\".";

    private static IEnumerable<string?> FindFaults(InventoryBody inventory) =>
    [
        .. inventory.Miners.Select(miner => Within($"miner {miner.Hotkey}", FindFault(miner))),
        .. inventory.Chutes.Select(chute => Within($"chute {chute.ChuteId}", FindFault(chute))),
        .. inventory.Gpus.Select(gpu => Within($"node {gpu.Uuid}", FindFault(gpu))),
        .. inventory.Jobs.Select(job => Within($"job {job.JobId}", FindFault(job))),
        Twice("miner", inventory.Miners.Select(miner => miner.Hotkey)),
        Twice("chute", inventory.Chutes.Select(chute => chute.ChuteId)),
        Twice("node", inventory.Gpus.Select(gpu => gpu.Uuid)),
        Twice("job", inventory.Jobs.Select(job => job.JobId)),
    ];

    private static string? FindFault(MinerBody miner) =>
        KeyFault("hotkey", miner.Hotkey) ?? TextFault("coldkey", miner.Coldkey) ?? TextFault("blacklist_reason", miner.BlacklistReason) ?? CountFault("uid", miner.Uid);

    private static string? FindFault(ChuteBody chute)
    {
        var selector = chute.NodeSelector;
        return KeyFault("chute_id", chute.ChuteId)
            ?? TextFault("name", chute.Name)
            ?? TextFault("version", chute.Version)
            ?? TextFault("chutes_version", chute.ChutesVersion)
            ?? TextFault("image_id", chute.ImageId)
            ?? RangeFault("gpu_count", selector.GpuCount, 1, 8)
            ?? RangeFault("min_vram_gb_per_gpu", selector.MinVramGb, 16, 140)
            ?? (selector.Include ?? []).Concat(selector.Exclude ?? []).Select(GpuFault).FirstOrDefault(fault => fault is not null)
            ?? CountFault("target_count", chute.TargetCount);
    }

    private static string? FindFault(GpuBody gpu) =>
        KeyFault("uuid", gpu.Uuid)
        ?? KeyFault("miner_hotkey", gpu.MinerHotkey)
        ?? GpuFault(gpu.Gpu)
        ?? TextFault("name", gpu.Name)
        ?? CountFault("memory", gpu.Memory)
        ?? (HostPolicy.IsHost(gpu.VerificationHost) ? null : "verification_host must be a host's name or IPv4 address.")
        ?? RangeFault("verification_port", gpu.VerificationPort, 1, ushort.MaxValue);

    private static string? FindFault(JobBody job) =>
        KeyFault("job_id", job.JobId)
        ?? KeyFault("chute_id", job.ChuteId)
        ?? TextFault("method", job.Method)
        ?? CountFault("disk_gb", job.DiskGb)
        ?? job.Ports.Select(FindFault).FirstOrDefault(fault => fault is not null);

    private static string? FindFault(JobPortBody port)
    {
        var rule = port.Port is < 22 or > ushort.MaxValue || port.Proto.ToLowerInvariant() is not ("tcp" or "udp" or "http")
            ? $"it must be tcp, udp or http and 22 to {ushort.MaxValue}."
            : ClaimRules.DefaultPorts.Contains(port.Port) ? "every instance has it already."
            : null;
        return rule is null ? null : string.Create(CultureInfo.InvariantCulture, $"port {port.Proto}:{port.Port}: {rule}");
    }

    private static string? GpuFault(string gpu) => GpuTable.Kinds.ContainsKey(gpu)
        ? null
        : $"there is no GPU \"{gpu}\": it must be one of {string.Join(", ", GpuTable.Kinds.Keys.Order(StringComparer.Ordinal))}.";

    /// <summary>A key is part of a path.</summary>
    private static string? KeyFault(string field, string key) =>
        key.Length is > 0 and <= MaxKey && !key.Any(char.IsControl) && !key.Contains('/', StringComparison.Ordinal) && key is not ("." or "..")
            ? null
            : $"{field} must be 1 to {MaxKey} characters without control characters and slashes.";

    private static string? TextFault(string field, string? text) => text is null || (text.Length <= MaxText && !text.Any(char.IsControl))
        ? null
        : $"{field} must be at most {MaxText} characters without control characters.";

    private static string? CountFault(string field, long? count) =>
        count < 0 ? string.Create(CultureInfo.InvariantCulture, $"{field} is {count}: it must be 0 or more.") : null;

    private static string? RangeFault(string field, int? number, int least, int most) =>
        number < least || number > most ? string.Create(CultureInfo.InvariantCulture, $"{field} is {number}: it must be {least} to {most}.") : null;

    private static string? Within(string what, string? fault) => fault is null ? null : $"{what}: {fault}";

    private static string? Twice(string word, IEnumerable<string> keys) =>
        keys.GroupBy(key => key, StringComparer.Ordinal).FirstOrDefault(same => same.Skip(1).Any()) is { } twice ? $"{word} {twice.Key}: it is there twice." : null;
}
