namespace OrleansInstances.Storage.Idempotency;

/// <summary>
/// What became of requests whose senders named them, so that one that is sent again is answered and not done again. Rows are
/// kept for <see cref="Kept"/> from the reservation on; older ones count as not there, whether or not they are pruned yet.
/// </summary>
public interface IIdempotencyTable
{
    /// <summary>How long a name stands for one request.</summary>
    static TimeSpan Kept { get; } = TimeSpan.FromHours(24);

    /// <summary>
    /// How long a reservation without an answer is taken for a request that still runs. Its silo may have died; nobody asks.
    /// What is asked for over HTTP is waited for 25 s.
    /// </summary>
    static TimeSpan Running { get; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Reserves a request's name, before anything is done for it. Of several at once one is told
    /// <see cref="ReservationKind.New"/>: it does the request, and then calls <see cref="FinishAsync"/> or
    /// <see cref="ReleaseAsync"/>. The others do nothing. When this throws, nothing must be done either; the name may be
    /// reserved all the same.
    /// </summary>
    /// <param name="request">What is reserved.</param>
    /// <param name="bodyHash">SHA-256 of the body, 32 bytes: a name stands for one body.</param>
    /// <param name="cancellationToken">Ends the wait for a turn; a reservation that began is finished.</param>
    Task<Reservation> ReserveAsync(IdempotentRequest request, ReadOnlyMemory<byte> bodyHash, CancellationToken cancellationToken);

    /// <summary>
    /// Stores the answer, for whoever sends the request again. False when this reservation is no longer there or has an
    /// answer; nothing is changed then. Not for an answer that says that the outcome is unknown: without one the table comes
    /// to say so itself.
    /// </summary>
    Task<bool> FinishAsync(IdempotentRequest request, Guid reservation, StoredAnswer answer, CancellationToken cancellationToken);

    /// <summary>
    /// Takes a reservation back, because nothing was done: the request can be sent again. False when it is no longer there or
    /// has an answer.
    /// </summary>
    Task<bool> ReleaseAsync(IdempotentRequest request, Guid reservation, CancellationToken cancellationToken);

    /// <summary>Removes rows older than <see cref="Kept"/>; answers how many. Fewer than <paramref name="limit"/> is all of them.</summary>
    Task<int> PruneAsync(int limit, CancellationToken cancellationToken);
}
