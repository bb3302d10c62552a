namespace OrleansInstances.Storage;

/// <summary>
/// The database has more work queued than its bound. Nothing was done; the same request may succeed later.
/// An <see cref="OrleansException"/>, because a grain's storage hands those on as they are and wraps all others.
/// </summary>
[GenerateSerializer, Alias("oi.StorageOverloadedException")]
public sealed class StorageOverloadedException(string message) : OrleansException(message);
