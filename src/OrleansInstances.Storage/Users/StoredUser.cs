namespace OrleansInstances.Storage.Users;

/// <summary>A person who logs in with name and password, where a dialect has such.</summary>
public sealed record StoredUser
{
    /// <summary>From 1, given when the user is added, never reused.</summary>
    public int Id { get; init; }

    /// <summary>Unique, exactly as written.</summary>
    public required string Name { get; init; }

    /// <summary>A salted hash, in the form of whoever checks it.</summary>
    public required string PasswordHash { get; init; }

    /// <summary>May do everything with every instance, whatever permissions are stored.</summary>
    public bool IsAdministrator { get; init; }

    /// <summary>With millisecond precision.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}
