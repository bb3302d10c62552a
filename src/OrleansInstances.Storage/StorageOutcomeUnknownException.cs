namespace OrleansInstances.Storage;

/// <summary>
/// The connection to the database broke while it worked on a write: whether it was done is unknown until it is read again.
/// An <see cref="OrleansException"/>, because a grain's storage hands those on as they are and wraps all others.
/// </summary>
[GenerateSerializer, Alias("oi.StorageOutcomeUnknownException")]
public sealed class StorageOutcomeUnknownException(string message) : OrleansException(message);
