namespace OrleansInstances.Storage.Idempotency;

/// <summary>A reservation that is there already.</summary>
/// <param name="Age">Since it was made.</param>
internal sealed record IdempotencyRow(byte[] BodyHash, Guid Reservation, TimeSpan Age, StoredAnswer? Answer)
{
    /// <summary>What it says to the same request with this body.</summary>
    public Reservation To(ReadOnlyMemory<byte> bodyHash) => this switch
    {
        _ when !bodyHash.Span.SequenceEqual(BodyHash) => new(ReservationKind.OtherBody),
        { Answer: not null } => new(ReservationKind.Finished, Answer: Answer),
        _ when Age < IIdempotencyTable.Running => new(ReservationKind.Running),
        _ => new(ReservationKind.OutcomeUnknown, Reservation),
    };

    public static void Check(ReadOnlyMemory<byte> bodyHash) => ArgumentOutOfRangeException.ThrowIfNotEqual(bodyHash.Length, 32);

    public static void Check(StoredAnswer answer) =>
        ArgumentOutOfRangeException.ThrowIfGreaterThan(answer.Body.Length, StoredAnswer.MaxBodyBytes);
}
