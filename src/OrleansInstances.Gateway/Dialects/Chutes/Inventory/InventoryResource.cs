using System.Text.Json.Serialization.Metadata;
using OrleansInstances.Storage.Chutes;

namespace OrleansInstances.Gateway.Dialects.Chutes.Inventory;

/// <summary>One kind of the inventory, as a resource of /api/chutes.</summary>
/// <typeparam name="TBody">What is put.</typeparam>
/// <typeparam name="TShown">What is answered.</typeparam>
internal sealed record InventoryResource<TBody, TShown>
    where TBody : class
    where TShown : TBody
{
    /// <summary>The segment of its paths, <c>miners</c>.</summary>
    public required string Path { get; init; }

    /// <summary>As the names of its operations end, <c>ChuteMiner</c>.</summary>
    public required string Name { get; init; }

    /// <summary>In texts, <c>miner</c>.</summary>
    public required string Word { get; init; }

    public required ChuteInventoryKind Kind { get; init; }

    /// <summary>The field that is in the path too.</summary>
    public required string KeyField { get; init; }

    /// <summary>What keeps one, in texts.</summary>
    public required string Keeps { get; init; }

    public required JsonTypeInfo<TBody> Body { get; init; }

    public required JsonTypeInfo<TShown> Shown { get; init; }

    public required JsonTypeInfo<IEnumerable<TShown>> AllShown { get; init; }

    public required Func<TBody, string> KeyOf { get; init; }

    /// <summary>An inventory of nothing else.</summary>
    public required Func<TBody, InventoryBody> Alone { get; init; }

    public required Func<IChuteInventory, string, CancellationToken, Task<TShown?>> FindAsync { get; init; }

    /// <summary>Those after a key, so many of them at most.</summary>
    public required Func<IChuteInventory, string?, int, CancellationToken, Task<IEnumerable<TShown>>> ListAsync { get; init; }
}

internal static class InventoryResources
{
    public static InventoryResource<MinerBody, MinerBody> Miners { get; } = new()
    {
        Path = "miners",
        Name = "ChuteMiner",
        Word = "miner",
        Kind = ChuteInventoryKind.Miner,
        KeyField = "hotkey",
        Keeps = "It has nodes or instances.",
        Body = InventoryJson.Wire.MinerBody,
        Shown = InventoryJson.Wire.MinerBody,
        AllShown = InventoryJson.Wire.IEnumerableMinerBody,
        KeyOf = miner => miner.Hotkey,
        Alone = miner => new InventoryBody { Miners = [miner] },
        FindAsync = async (inventory, key, cancellation) => await inventory.FindMinerAsync(key, cancellation) is { } miner ? MinerBody.Of(miner) : null,
        ListAsync = async (inventory, after, limit, cancellation) => (await inventory.ListMinersAsync(after, limit, cancellation)).Select(MinerBody.Of),
    };

    public static InventoryResource<ChuteBody, ChuteBody> Chutes { get; } = new()
    {
        Path = "chutes",
        Name = "Chute",
        Word = "chute",
        Kind = ChuteInventoryKind.Chute,
        KeyField = "chute_id",
        Keeps = "It has jobs or instances.",
        Body = InventoryJson.Wire.ChuteBody,
        Shown = InventoryJson.Wire.ChuteBody,
        AllShown = InventoryJson.Wire.IEnumerableChuteBody,
        KeyOf = chute => chute.ChuteId,
        Alone = chute => new InventoryBody { Chutes = [chute] },
        FindAsync = async (inventory, key, cancellation) => await inventory.FindChuteAsync(key, cancellation) is { } chute ? ChuteBody.Of(chute) : null,
        ListAsync = async (inventory, after, limit, cancellation) => (await inventory.ListChutesAsync(after, limit, cancellation)).Select(ChuteBody.Of),
    };

    public static InventoryResource<GpuBody, GpuBody> Nodes { get; } = new()
    {
        Path = "nodes",
        Name = "ChuteNode",
        Word = "node",
        Kind = ChuteInventoryKind.Gpu,
        KeyField = "uuid",
        Keeps = "It is in an instance.",
        Body = InventoryJson.Wire.GpuBody,
        Shown = InventoryJson.Wire.GpuBody,
        AllShown = InventoryJson.Wire.IEnumerableGpuBody,
        KeyOf = gpu => gpu.Uuid,
        Alone = gpu => new InventoryBody { Gpus = [gpu] },
        FindAsync = async (inventory, key, cancellation) => await inventory.FindGpuAsync(key, cancellation) is { } gpu ? GpuBody.Of(gpu) : null,
        ListAsync = async (inventory, after, limit, cancellation) => (await inventory.ListGpusAsync(after, limit, cancellation)).Select(GpuBody.Of),
    };

    public static InventoryResource<JobBody, JobReply> Jobs { get; } = new()
    {
        Path = "jobs",
        Name = "ChuteJob",
        Word = "job",
        Kind = ChuteInventoryKind.Job,
        KeyField = "job_id",
        Keeps = "An instance does it.",
        Body = InventoryJson.Wire.JobBody,
        Shown = InventoryJson.Wire.JobReply,
        AllShown = InventoryJson.Wire.IEnumerableJobReply,
        KeyOf = job => job.JobId,
        Alone = job => new InventoryBody { Jobs = [job] },
        FindAsync = async (inventory, key, cancellation) => await inventory.FindJobAsync(key, cancellation) is { } job ? JobReply.Of(job) : null,
        ListAsync = async (inventory, after, limit, cancellation) => (await inventory.ListJobsAsync(after, limit, cancellation)).Select(JobReply.Of),
    };
}
