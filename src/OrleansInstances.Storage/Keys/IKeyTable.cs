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
}
