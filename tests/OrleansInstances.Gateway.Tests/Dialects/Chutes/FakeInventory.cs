using System.Collections.Concurrent;
using OrleansInstances.Grains.Launches;
using OrleansInstances.Launches;
using OrleansInstances.Storage.Chutes;

namespace OrleansInstances.Gateway.Tests.Dialects.Chutes;

/// <summary>An inventory in memory that counts what it is asked.</summary>
internal sealed class FakeInventory : IChuteInventory
{
    public ConcurrentDictionary<string, ChuteMiner> Miners { get; } = new();

    public ConcurrentDictionary<string, Chute> Chutes { get; } = new();

    public int MinerLookUps { get; private set; }

    public Task<ChuteMiner?> FindMinerAsync(string hotkey, CancellationToken cancellationToken)
    {
        MinerLookUps++;
        return Task.FromResult(Miners.GetValueOrDefault(hotkey));
    }

    public Task<Chute?> FindChuteAsync(string chuteId, CancellationToken cancellationToken) => Task.FromResult(Chutes.GetValueOrDefault(chuteId));

    public ChuteInventory? Saved { get; private set; }

    public Task<MissingReference?> SaveAsync(ChuteInventory inventory, CancellationToken cancellationToken)
    {
        Saved = inventory;
        return Task.FromResult<MissingReference?>(null);
    }

    public Task<ChuteGpu?> FindGpuAsync(string uuid, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<StoredChuteJob?> FindJobAsync(string jobId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<ChuteMiner>> ListMinersAsync(string? after, int limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<ChuteMiner>>([.. Miners.Values.Take(limit)]);

    public Task<IReadOnlyList<Chute>> ListChutesAsync(string? after, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<ChuteGpu>> ListGpusAsync(string? after, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<StoredChuteJob>> ListJobsAsync(string? after, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<InventoryDeletion> DeleteAsync(ChuteInventoryKind kind, string key, CancellationToken cancellationToken) => throw new NotSupportedException();
}
