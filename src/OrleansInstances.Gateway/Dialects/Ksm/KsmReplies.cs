using System.Text.Json.Serialization;
using OrleansInstances.Instances;

namespace OrleansInstances.Gateway.Dialects.Ksm;

/// <summary>An instance as the dialect shows it.</summary>
/// <param name="Name">Its name, or the <c>inst_</c> form of its id.</param>
/// <param name="Id">Its number, from 1.</param>
/// <param name="State">See <see cref="KsmState"/>.</param>
internal sealed record KsmInstance(
    [property: JsonPropertyName("instance_name")] string Name,
    [property: JsonPropertyName("instance_id")] int Id,
    [property: JsonPropertyName("instance_state")] int State)
{
    public static KsmInstance Of(InstanceSnapshot instance) =>
        new(instance.Spec.Name ?? InstanceName.Format(instance.Id), instance.Number, KsmState.Of(instance.Status));
}

/// <summary>The answer to get.</summary>
internal sealed record InstancesReply(
    [property: JsonPropertyName("status")] int Status,
    [property: JsonPropertyName("instances")] IEnumerable<KsmInstance> Instances);

/// <summary>The answer to get_instance.</summary>
internal sealed record InstanceDataReply(
    [property: JsonPropertyName("status")] int Status,
    [property: JsonPropertyName("instance_data")] KsmInstance InstanceData);

/// <summary>The answer to get_output. The document has the lines in <c>outputs</c>, the engine's own panel looks for them in <c>instance</c>.</summary>
internal sealed record OutputReply(
    [property: JsonPropertyName("status")] int Status,
    [property: JsonPropertyName("message")] string Message,
    [property: JsonPropertyName("outputs")] IReadOnlyList<string> Outputs,
    [property: JsonPropertyName("instance")] InstanceOutput Instance);

internal sealed record InstanceOutput([property: JsonPropertyName("output")] IReadOnlyList<string> Output);

/// <summary>The answer to a login.</summary>
internal sealed record AuthorizationReply(
    [property: JsonPropertyName("status")] int Status,
    [property: JsonPropertyName("message")] string Message,
    [property: JsonPropertyName("user_data")] UserKey UserData);

internal sealed record UserKey([property: JsonPropertyName("key")] string Key);
