namespace OrleansInstances.Storage;

/// <summary>
/// The database can't be used: its folder can't be written, the file is corrupt or of a newer release, the disk is full,
/// another process holds it, its server is away. The message names the database and what is wrong; there is no inner exception,
/// because those of databases can't cross to another silo and would take the place of this one there.
/// An <see cref="OrleansException"/>, because a grain's storage hands those on as they are and wraps all others.
/// </summary>
[GenerateSerializer, Alias("oi.StorageUnavailableException")]
public sealed class StorageUnavailableException(string message) : OrleansException(message);
