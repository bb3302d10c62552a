namespace OrleansInstances.Storage;

/// <summary>The database has more work queued than its bound. Nothing was done; the same request may succeed later.</summary>
[GenerateSerializer, Alias("oi.StorageOverloadedException")]
public sealed class StorageOverloadedException(string message) : Exception(message);
