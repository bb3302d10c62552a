using System.Collections.Immutable;
using OrleansInstances.Instances;

namespace OrleansInstances.Nodes.Health;

/// <summary>What checks need to know of a run.</summary>
/// <param name="Env">The instance's own variables; for commands.</param>
/// <param name="Cwd">Null is the instance's own folder.</param>
/// <param name="User">Whom commands run as; null is the silo's own.</param>
/// <param name="Host">Whose ports are checked; null is this machine's own.</param>
internal sealed record HealthNote(HealthSpec Health, ImmutableDictionary<string, string> Env, string? Cwd, InstanceUser? User, string? Host = null);
