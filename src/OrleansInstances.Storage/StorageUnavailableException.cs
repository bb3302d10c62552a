namespace OrleansInstances.Storage;

/// <summary>
/// The database can't be used: its folder can't be written, the file is corrupt or of a newer release, the disk is full,
/// another process holds it. The message names the path and what is wrong.
/// </summary>
[GenerateSerializer, Alias("oi.StorageUnavailableException")]
public sealed class StorageUnavailableException(string message, Exception? innerException = null)
    : Exception(message, innerException);
