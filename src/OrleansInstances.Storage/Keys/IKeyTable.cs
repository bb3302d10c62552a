namespace OrleansInstances.Storage.Keys;

/// <summary>API keys by their hash; the keys themselves are never stored.</summary>
public interface IKeyTable
{
    /// <summary>Adds a key; false when its hash is there already.</summary>
    Task<bool> InsertAsync(StoredKey key, CancellationToken cancellationToken);

    /// <summary>All of them, oldest first, revoked and expired ones too.</summary>
    Task<IReadOnlyList<StoredKey>> ListAsync(CancellationToken cancellationToken);

    /// <summary>The key of this SHA-256 hash, whether or not it is still good; null when there is none.</summary>
    Task<StoredKey?> FindAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken);

    /// <summary>Marks a key as no longer good; false when there is none of this id.</summary>
    Task<bool> RevokeAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>Removes a key; false when there is none of this id.</summary>
    Task<bool> DeleteAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>Removes all of a user's keys but the newest ones.</summary>
    /// <param name="userId">Whose.</param>
    /// <param name="keep">How many stay; 0 for none.</param>
    /// <param name="cancellationToken">Ends the wait, not what is waited for.</param>
    Task DeleteOldestOfUserAsync(int userId, int keep, CancellationToken cancellationToken);
}
