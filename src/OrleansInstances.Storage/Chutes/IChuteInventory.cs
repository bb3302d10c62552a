using System.Collections.Immutable;
using OrleansInstances.Grains.Launches;
using OrleansInstances.Launches;

namespace OrleansInstances.Storage.Chutes;

/// <summary>What launches are decided on: who may bring up what, on which GPUs.</summary>
public interface IChuteInventory
{
    /// <summary>Stores all of it, in one transaction; what has the same key is replaced, what is not named stays.</summary>
    Task SaveAsync(ChuteInventory inventory, CancellationToken cancellationToken);

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

    /// <summary>False when there is none, or when an instance still uses it.</summary>
    Task<bool> DeleteAsync(ChuteInventoryKind kind, string key, CancellationToken cancellationToken);
}

/// <summary>A piece of the inventory, or all of it.</summary>
public sealed record ChuteInventory
{
    public ImmutableArray<ChuteMiner> Miners { get => field.IsDefault ? [] : field; init; }

    public ImmutableArray<Chute> Chutes { get => field.IsDefault ? [] : field; init; }

    public ImmutableArray<ChuteGpu> Gpus { get => field.IsDefault ? [] : field; init; }

    public ImmutableArray<ChuteJob> Jobs { get => field.IsDefault ? [] : field; init; }
}

public enum ChuteInventoryKind
{
    Miner,
    Chute,
    Gpu,
    Job,
}
