using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansInstances.Instances;

namespace OrleansInstances.Nodes.Health;

/// <summary>What checks need to know of a run, kept in the keeper's record so that the next silo goes on with them.</summary>
/// <param name="Env">The instance's own variables; for commands.</param>
/// <param name="Cwd">Null is the instance's own folder.</param>
/// <param name="User">Whom commands run as; null is the silo's own.</param>
internal sealed record HealthNote(HealthSpec Health, ImmutableDictionary<string, string> Env, string? Cwd, InstanceUser? User)
{
    public static string? Write(InstanceSpec spec) => spec.Health is { } health
        ? JsonSerializer.Serialize(new HealthNote(health, health.Command.IsEmpty ? [] : spec.Env, spec.Cwd, spec.User), HealthJson.Default.HealthNote)
        : null;

    /// <summary>Null when the run isn't checked.</summary>
    public static HealthNote? Read(string? note) =>
        note is null ? null : JsonSerializer.Deserialize(note, HealthJson.Default.HealthNote);
}

[JsonSerializable(typeof(HealthNote))]
internal sealed partial class HealthJson : JsonSerializerContext;
