using System.Text.Json.Serialization;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Gateway.Dialects.Starpod;

/// <summary>Starpod's fixed answer to pause and restart.</summary>
public sealed record StatusReply([property: JsonPropertyName("status")] string Status);

/// <summary>The body of POST …/signal.</summary>
public sealed record SignalRequest([property: JsonPropertyName("signal")] string? Signal);

/// <summary>The answer to POST …/input: how many bytes were taken, and when it was not all of them, why.</summary>
public sealed record InputAnswer(
    [property: JsonPropertyName("taken")] long Taken,
    [property: JsonPropertyName("error"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Error = null,
    [property: JsonPropertyName("code"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Code = null);

/// <summary>Something that happened to an instance.</summary>
/// <param name="Sequence">From 1 within the instance, without gaps.</param>
/// <param name="At">RFC 3339, milliseconds.</param>
/// <param name="Epoch">The start attempt that it belongs to.</param>
public sealed record EventReply(
    [property: JsonPropertyName("sequence")] long Sequence,
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("at")] DateTimeOffset At,
    [property: JsonPropertyName("epoch")] long Epoch,
    [property: JsonPropertyName("message")] string Message,
    [property: JsonPropertyName("metadata")] IReadOnlyDictionary<string, string> Metadata)
{
    public static EventReply Of(InstanceEvent happened) => new(
        happened.Sequence, happened.Type, happened.At, happened.Epoch, happened.Message, happened.Metadata);
}

/// <summary>A command that runs beside an instance's program.</summary>
/// <param name="Terminal">Whether it has one.</param>
/// <param name="By">The name of the key that wanted it.</param>
/// <param name="StartedAt">RFC 3339.</param>
public sealed record ExecReply(
    [property: JsonPropertyName("id")] Guid Id,
    [property: JsonPropertyName("command")] IReadOnlyList<string> Command,
    [property: JsonPropertyName("terminal")] bool Terminal,
    [property: JsonPropertyName("by")] string By,
    [property: JsonPropertyName("started_at")] DateTimeOffset StartedAt)
{
    public static ExecReply Of(ExecInfo exec) => new(exec.Id, exec.Command, exec.HasTerminal, exec.By, exec.StartedAt);
}
