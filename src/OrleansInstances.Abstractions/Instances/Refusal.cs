namespace OrleansInstances.Instances;

/// <summary>Why a request was not carried out. Nothing was changed.</summary>
/// <param name="Kind">What sort of no it is; a dialect maps it to a status.</param>
/// <param name="Code">A stable word such as <c>already_running</c>.</param>
/// <param name="Message">For people.</param>
[GenerateSerializer, Immutable, Alias("oi.Refusal")]
public sealed record Refusal(
    [property: Id(0)] RefusalKind Kind,
    [property: Id(1)] string Code,
    [property: Id(2)] string Message)
{
    public static Refusal NotFound { get; } = new(RefusalKind.NotFound, "not_found", "There is no such instance.");
}

public enum RefusalKind
{
    /// <summary>There is no such thing, or it is deleted.</summary>
    NotFound = 0,

    /// <summary>Not possible in the state it is in.</summary>
    Conflict = 1,

    /// <summary>The request itself makes no sense.</summary>
    Invalid = 2,

    /// <summary>What it takes can't be reached now; the same request may succeed later.</summary>
    Unavailable = 3,
}

/// <summary>The answer to a request to an instance: it as it is now, or why not.</summary>
[GenerateSerializer, Immutable, Alias("oi.InstanceReply")]
public sealed record InstanceReply(
    [property: Id(0)] InstanceSnapshot? Instance,
    [property: Id(1)] Refusal? Refusal)
{
    public static implicit operator InstanceReply(InstanceSnapshot instance) => new(instance, null);

    public static implicit operator InstanceReply(Refusal refusal) => new(null, refusal);
}
