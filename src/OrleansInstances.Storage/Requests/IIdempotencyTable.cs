namespace OrleansInstances.Storage.Requests;

/// <summary>
/// Requests that were sent with a key of their sender's, so that one that is sent again is not carried out again. Ages are
/// told by the one clock that also writes them.
/// </summary>
public interface IIdempotencyTable
{
    /// <summary>Takes an id for a request that is about to be carried out. Of several at the same time one gets it.</summary>
    /// <param name="id">SHA-256 of whose key it is, and for what.</param>
    /// <param name="bodyHash">32 bytes that tell the request's body from others.</param>
    /// <param name="attempt">New; names this reservation.</param>
    /// <param name="keep">A row that was reserved longer ago counts as not there. Each reservation removes some of those.</param>
    /// <param name="cancellationToken">Ends the wait, not what is waited for.</param>
    /// <returns>Null when it is reserved for this attempt; else what is there.</returns>
    Task<IdempotentRequest?> ReserveAsync(
        ReadOnlyMemory<byte> id, ReadOnlyMemory<byte> bodyHash, Guid attempt, TimeSpan keep, CancellationToken cancellationToken);

    /// <summary>Keeps an attempt's answer in place of the one it had. False when the id is not that attempt's.</summary>
    Task<bool> AnswerAsync(ReadOnlyMemory<byte> id, Guid attempt, StoredAnswer answer, CancellationToken cancellationToken);

    /// <summary>Gives an id free whose attempt has no answer: nothing was done. False when there is no such.</summary>
    Task<bool> ReleaseAsync(ReadOnlyMemory<byte> id, Guid attempt, CancellationToken cancellationToken);
}

/// <param name="BodyHash">As it was reserved with.</param>
/// <param name="Attempt">As it was reserved with.</param>
/// <param name="Age">Since it was reserved.</param>
/// <param name="Answer">Null while it is being carried out, and for good when its silo died meanwhile.</param>
public sealed record IdempotentRequest(ReadOnlyMemory<byte> BodyHash, Guid Attempt, TimeSpan Age, StoredAnswer? Answer);

/// <param name="Status">Of HTTP.</param>
/// <param name="ContentType">Null when there was no body.</param>
/// <param name="Location">The header of that name.</param>
/// <param name="Body">Null when it is not kept.</param>
public sealed record StoredAnswer(int Status, string? ContentType, string? Location, ReadOnlyMemory<byte>? Body);
