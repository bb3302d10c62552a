using System.Collections.Immutable;

namespace OrleansInstances.Instances;

/// <summary>Something that happened to an instance.</summary>
/// <param name="InstanceId">Which one.</param>
/// <param name="Sequence">From 1 within the instance, without gaps.</param>
/// <param name="Type">One of <see cref="InstanceEventTypes"/>.</param>
/// <param name="At">When it happened: of what a run did by its node's clock, also when it was told later.</param>
/// <param name="Epoch">The start attempt that it belongs to.</param>
/// <param name="Message">For people.</param>
/// <param name="Metadata">Node, exit code, signal, delay and the like; text values.</param>
[GenerateSerializer, Immutable, Alias("oi.InstanceEvent")]
public sealed record InstanceEvent(
    [property: Id(0)] Guid InstanceId,
    [property: Id(1)] long Sequence,
    [property: Id(2)] string Type,
    [property: Id(3)] DateTimeOffset At,
    [property: Id(4)] long Epoch,
    [property: Id(5)] string Message,
    [property: Id(6)] ImmutableDictionary<string, string> Metadata);

/// <summary>The names of events, the same in every dialect.</summary>
public static class InstanceEventTypes
{
    public const string Created = "created";
    public const string Scheduled = "scheduled";
    public const string Starting = "starting";
    public const string Started = "started";
    public const string StartFailed = "start_failed";
    public const string Healthy = "healthy";
    public const string Unhealthy = "unhealthy";
    public const string Pausing = "pausing";
    public const string Paused = "paused";
    public const string Resumed = "resumed";
    public const string Stopping = "stopping";
    public const string Exited = "exited";
    public const string Oom = "oom";
    public const string Backoff = "backoff";
    public const string Restarted = "restarted";
    public const string Adopted = "adopted";
    public const string Lost = "lost";
    public const string Fenced = "fenced";
    public const string Moved = "moved";
    public const string Stopped = "stopped";
    public const string Failed = "failed";
    public const string Deleted = "deleted";
    public const string ExecStarted = "exec_started";
    public const string ExecEnded = "exec_ended";
}
