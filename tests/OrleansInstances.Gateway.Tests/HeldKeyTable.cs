using Microsoft.Extensions.DependencyInjection;
using OrleansInstances.Storage;
using OrleansInstances.Storage.Keys;

namespace OrleansInstances.Gateway.Tests;

/// <summary>The real table of keys, which counts its look-ups, can be away, and can hold an answer back.</summary>
internal sealed class HeldKeyTable : IKeyTable
{
    private int _lookUps;
    private IKeyTable _table = null!;

    /// <summary>While true, every look-up fails as it does when the database can't be reached.</summary>
    public bool Away { get; set; }

    /// <summary>When there is one, a look-up or list that has its answer waits for it.</summary>
    public Task? Hold { get; set; }

    public int LookUps => _lookUps;

    /// <summary>Puts it in front of the table that is registered.</summary>
    public static HeldKeyTable Wrap(IServiceCollection services)
    {
        var held = new HeldKeyTable();
        var real = services.Last(service => service.ServiceType == typeof(IKeyTable)).ImplementationType!;
        services.AddSingleton<IKeyTable>(provider =>
        {
            held._table = (IKeyTable)ActivatorUtilities.CreateInstance(provider, real);
            return held;
        });
        return held;
    }

    public async Task<StoredKey?> FindAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _lookUps);
        if (Away)
        {
            throw new StorageUnavailableException("away");
        }

        var found = await _table.FindAsync(hash, cancellationToken);
        await (Hold ?? Task.CompletedTask);
        return found;
    }

    public Task<bool> InsertAsync(StoredKey key, CancellationToken cancellationToken) => _table.InsertAsync(key, cancellationToken);

    public async Task<IReadOnlyList<StoredKey>> ListAsync(CancellationToken cancellationToken)
    {
        var listed = await _table.ListAsync(cancellationToken);
        await (Hold ?? Task.CompletedTask);
        return listed;
    }

    public Task<bool> RevokeAsync(Guid id, CancellationToken cancellationToken) => _table.RevokeAsync(id, cancellationToken);

    public Task<bool> DeleteAsync(Guid id, CancellationToken cancellationToken) => _table.DeleteAsync(id, cancellationToken);

    public Task DeleteOldestOfUserAsync(int userId, int keep, CancellationToken cancellationToken) =>
        _table.DeleteOldestOfUserAsync(userId, keep, cancellationToken);
}
