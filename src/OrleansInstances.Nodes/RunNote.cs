using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansInstances.Instances;
using OrleansInstances.Nodes.Health;

namespace OrleansInstances.Nodes;

/// <summary>What the next silo has to know of a run, kept in the keeper's record. Members are added, never renamed: notes of earlier releases are read.</summary>
/// <param name="Health">Null when the run isn't checked; the next three are for its checks.</param>
/// <param name="Env">The instance's own variables.</param>
/// <param name="Cwd">Null is the instance's own folder.</param>
/// <param name="User">Null is the silo's own.</param>
/// <param name="Limits">Null when there are none.</param>
internal sealed record RunNote(HealthSpec? Health, ImmutableDictionary<string, string>? Env, string? Cwd, InstanceUser? User, InstanceLimits? Limits)
{
    /// <summary>Where a workload is that runs elsewhere; null for one that runs here.</summary>
    public string? Host { get; init; }

    [JsonIgnore]
    public HealthNote? Checks => Health is { } health ? new HealthNote(health, Env ?? ImmutableDictionary<string, string>.Empty, Cwd, User, Host) : null;

    public static string? Write(InstanceSpec spec)
    {
        var limits = spec.Limits is { Any: true } some ? some : null;
        var note = spec.Health is { } health
            ? new RunNote(health, health.Command.IsEmpty ? null : spec.Env, spec.Cwd, spec.User, limits) { Host = spec.Remote?.Host }
            : new RunNote(null, null, null, null, limits);
        return note is { Health: null, Limits: null } ? null : JsonSerializer.Serialize(note, NoteJson.Default.RunNote);
    }

    /// <summary>Null when there is nothing to know.</summary>
    public static RunNote? Read(string? note) =>
        note is null ? null : JsonSerializer.Deserialize(note, NoteJson.Default.RunNote);
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RunNote))]
internal sealed partial class NoteJson : JsonSerializerContext;
