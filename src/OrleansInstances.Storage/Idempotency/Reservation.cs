namespace OrleansInstances.Storage.Idempotency;

/// <summary>What the table says to a request.</summary>
/// <param name="Id">Of a new reservation, or of the one whose outcome is unknown; else empty.</param>
/// <param name="Answer">Of a finished one; else null.</param>
public sealed record Reservation(ReservationKind Kind, Guid Id = default, StoredAnswer? Answer = null);

public enum ReservationKind
{
    /// <summary>It is reserved, for the caller alone: it is the one to do it.</summary>
    New,

    /// <summary>It was done, with this answer.</summary>
    Finished,

    /// <summary>It was reserved a short while ago and has no answer yet.</summary>
    Running,

    /// <summary>The name was given to a request with another body.</summary>
    OtherBody,

    /// <summary>It was reserved long ago and never got an answer: whether it was done is not known.</summary>
    OutcomeUnknown,
}
