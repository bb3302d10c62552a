namespace OrleansInstances.Launches;

/// <summary>Why a request was not carried out.</summary>
/// <param name="Kind">What sort of no it is; a dialect maps it to a status.</param>
/// <param name="Message">The text that clients of the documented API read.</param>
/// <param name="Final">The config has failed for good; else nothing was changed.</param>
[GenerateSerializer, Immutable, Alias("oi.LaunchRefusal")]
public sealed record LaunchRefusal(
    [property: Id(0)] LaunchRefusalKind Kind,
    [property: Id(1)] string Message,
    [property: Id(2)] bool Final = false);

/// <summary>The numbers cross calls: append, never renumber.</summary>
public enum LaunchRefusalKind
{
    /// <summary>The token is none that is to be taken.</summary>
    Unauthorized = 0,

    NotFound = 1,

    Forbidden = 2,

    /// <summary>The request itself makes no sense.</summary>
    Invalid = 3,

    /// <summary>Somebody else has what is asked for, or it is too early.</summary>
    Conflict = 4,

    /// <summary>No more instances are wanted now; the same request may succeed later.</summary>
    AtCapacity = 5,

    /// <summary>Asked too often.</summary>
    TooMany = 6,
}

/// <summary>A final refusal of something that was checked outside of the grain.</summary>
/// <param name="Message">The text of the refusal.</param>
/// <param name="Reason">What is stored as the reason.</param>
[GenerateSerializer, Immutable, Alias("oi.LaunchFailure")]
public sealed record LaunchFailure(
    [property: Id(0)] string Message,
    [property: Id(1)] string Reason);

/// <summary>The answer to a request: the config as it is now, or why not. A final refusal comes with the config that failed.</summary>
/// <param name="Instance">What the config brought up, while it exists.</param>
/// <param name="Job">What it is for.</param>
[GenerateSerializer, Immutable, Alias("oi.LaunchReply")]
public sealed record LaunchReply(
    [property: Id(0)] LaunchConfigSnapshot? Config,
    [property: Id(1)] ChuteInstanceSnapshot? Instance,
    [property: Id(2)] ChuteJob? Job,
    [property: Id(3)] LaunchRefusal? Refusal);
