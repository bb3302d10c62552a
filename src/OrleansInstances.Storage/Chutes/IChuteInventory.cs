using OrleansInstances.Grains.Launches;
using OrleansInstances.Launches;

namespace OrleansInstances.Storage.Chutes;

/// <summary>What launches are decided on: who may bring up what, on which GPUs.</summary>
public interface IChuteInventory
{
    /// <summary>
    /// Stores all of it, in one transaction; what has the same key is replaced, what is not named stays. A GPU needs its
    /// miner, and a job its chute, in it or stored: else nothing is stored, and the first that lacks it is answered.
    /// </summary>
    /// <returns>Null when it is stored.</returns>
    Task<MissingReference?> SaveAsync(ChuteInventory inventory, CancellationToken cancellationToken);

    Task<ChuteMiner?> FindMinerAsync(string hotkey, CancellationToken cancellationToken);

    Task<Chute?> FindChuteAsync(string chuteId, CancellationToken cancellationToken);

    Task<ChuteGpu?> FindGpuAsync(string uuid, CancellationToken cancellationToken);

    Task<StoredChuteJob?> FindJobAsync(string jobId, CancellationToken cancellationToken);

    /// <summary>Those after <paramref name="after"/> by their key, in its order; all of one kind.</summary>
    Task<IReadOnlyList<ChuteMiner>> ListMinersAsync(string? after, int limit, CancellationToken cancellationToken);

    /// <inheritdoc cref="ListMinersAsync"/>
    Task<IReadOnlyList<Chute>> ListChutesAsync(string? after, int limit, CancellationToken cancellationToken);

    /// <inheritdoc cref="ListMinersAsync"/>
    Task<IReadOnlyList<ChuteGpu>> ListGpusAsync(string? after, int limit, CancellationToken cancellationToken);

    /// <inheritdoc cref="ListMinersAsync"/>
    Task<IReadOnlyList<StoredChuteJob>> ListJobsAsync(string? after, int limit, CancellationToken cancellationToken);

    /// <summary>Removes what nothing uses: no instance, no GPU of a miner, no job of a chute.</summary>
    Task<InventoryDeletion> DeleteAsync(ChuteInventoryKind kind, string key, CancellationToken cancellationToken);
}

public enum ChuteInventoryKind
{
    Miner,
    Chute,
    Gpu,
    Job,
}

/// <summary>Something of an inventory that refers to what is not there.</summary>
/// <param name="Kind">A GPU, whose miner is missing, or a job, whose chute is.</param>
/// <param name="Key">Its key.</param>
/// <param name="Missing">The key of what is missing.</param>
public sealed record MissingReference(ChuteInventoryKind Kind, string Key, string Missing);

public enum InventoryDeletion
{
    Deleted,
    NotFound,

    /// <summary>Something uses it; nothing was changed.</summary>
    InUse,
}
