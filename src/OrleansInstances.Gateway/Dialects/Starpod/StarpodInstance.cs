using System.Collections.Immutable;
using System.Text.Json.Serialization;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Gateway.Dialects.Starpod;

/// <summary>An instance as starpod clients know it, and behind that our own fields. Times are unix seconds; what is unknown is null, never left out.</summary>
public sealed record StarpodInstance(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("name")] string? Name,
    [property: JsonPropertyName("status")] string Status,
    [property: JsonPropertyName("region")] string? Region,
    [property: JsonPropertyName("created_at")] long CreatedAt,
    [property: JsonPropertyName("updated_at")] long UpdatedAt,
    [property: JsonPropertyName("health")] StarpodHealth? Health,
    [property: JsonPropertyName("uuid")] Guid Uuid,
    [property: JsonPropertyName("number")] int Number,
    [property: JsonPropertyName("driver")] string Driver,
    [property: JsonPropertyName("node")] string? Node,
    [property: JsonPropertyName("epoch")] long Epoch,
    [property: JsonPropertyName("state")] string State,
    [property: JsonPropertyName("exit_code")] int? ExitCode,
    [property: JsonPropertyName("signal")] string? Signal,
    [property: JsonPropertyName("message")] string? Message,
    [property: JsonPropertyName("owner")] string Owner,
    [property: JsonPropertyName("labels")] ImmutableDictionary<string, string> Labels,
    [property: JsonPropertyName("healthy")] bool? Healthy,
    [property: JsonPropertyName("limits")] LimitsReply? Limits)
{
    public static StarpodInstance Of(InstanceSnapshot instance, InstanceUsage? usage) => new(
        InstanceName.Format(instance.Id),
        instance.Spec.Name,
        StarpodStatus.Of(instance.Status),
        instance.Spec.Region,
        instance.CreatedAt.ToUnixTimeSeconds(),
        instance.UpdatedAt.ToUnixTimeSeconds(),
        usage is null ? null : StarpodHealth.Of(usage),
        instance.Id,
        instance.Number,
        instance.Spec.Driver,
        instance.Node,
        instance.Epoch,
        StarpodStatus.StateOf(instance.Status),
        instance.ExitCode,
        instance.Signal,
        instance.Message,
        instance.Owner,
        instance.Spec.Labels,
        instance.Health == InstanceHealth.Unknown ? null : instance.Health == InstanceHealth.Healthy,
        LimitsReply.Of(instance));
}
