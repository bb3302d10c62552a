namespace OrleansInstances.Storage.Sqlite;

/// <summary>Settings of the embedded database.</summary>
public sealed class SqliteStorageOptions
{
    /// <summary>The folder that holds <c>state.db</c>; it is made when it is missing.</summary>
    public string DataFolder { get; set; } = "";

    public SqliteSynchronous Synchronous { get; set; } = SqliteSynchronous.Normal;

    /// <summary>How long to wait for another process that holds the database, and for a free reader.</summary>
    public TimeSpan BusyTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Writes that may wait; one more is refused with <see cref="StorageOverloadedException"/>.</summary>
    public int WriteQueueLength { get; set; } = 8192;

    /// <summary>Writes that share one transaction at most.</summary>
    public int MaxBatch { get; set; } = 256;

    /// <summary>Reads that run side by side at most.</summary>
    public int Readers { get; set; } = 4;
}

/// <summary>What a completed write survives.</summary>
public enum SqliteSynchronous
{
    /// <summary>The end of the process at any moment, but not a power loss: the last writes before it may be gone, never half of one.</summary>
    Normal = 0,

    /// <summary>A power loss too, for one disk flush a commit.</summary>
    Full = 1,
}
