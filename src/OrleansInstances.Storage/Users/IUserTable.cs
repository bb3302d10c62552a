namespace OrleansInstances.Storage.Users;

/// <summary>Users, and what each of them may do with which instance. Their keys are in <see cref="Keys.IKeyTable"/>.</summary>
public interface IUserTable
{
    /// <summary>Adds a user and answers it with its id; null when the name is taken.</summary>
    Task<StoredUser?> InsertAsync(StoredUser user, CancellationToken cancellationToken);

    /// <summary>All of them, by id.</summary>
    Task<IReadOnlyList<StoredUser>> ListAsync(CancellationToken cancellationToken);

    Task<StoredUser?> FindAsync(int id, CancellationToken cancellationToken);

    Task<StoredUser?> FindAsync(string name, CancellationToken cancellationToken);

    /// <summary>Replaces password hash and administrator flag of the user of this id; false when there is none.</summary>
    Task<bool> UpdateAsync(StoredUser user, CancellationToken cancellationToken);

    /// <summary>Removes a user with its permissions and keys; false when there is none.</summary>
    Task<bool> DeleteAsync(int id, CancellationToken cancellationToken);

    /// <summary>The user's permissions by instance; instances without any are absent.</summary>
    Task<IReadOnlyDictionary<Guid, InstancePermissions>> ListPermissionsAsync(int userId, CancellationToken cancellationToken);

    /// <summary>Replaces the user's permissions on one instance; <see cref="InstancePermissions.None"/> removes them. False when there is no such user.</summary>
    Task<bool> SetPermissionsAsync(int userId, Guid instanceId, InstancePermissions permissions, CancellationToken cancellationToken);
}
