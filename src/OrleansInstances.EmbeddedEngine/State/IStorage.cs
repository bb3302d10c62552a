namespace Orleans.Core;

/// <summary>A stored state, without what is in it.</summary>
public interface IStorage
{
    /// <summary>The version that was last read or written, in the store's own words.</summary>
    string? Etag { get; }

    /// <summary>Whether the store holds it.</summary>
    bool RecordExists { get; }

    Task ReadStateAsync();

    /// <exception cref="Storage.InconsistentStateException">The stored version is another than <see cref="Etag"/>; nothing was written.</exception>
    Task WriteStateAsync();

    Task ClearStateAsync();
}

/// <summary>A stored state.</summary>
public interface IStorage<TState> : IStorage
{
    TState State { get; set; }
}
