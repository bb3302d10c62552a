using System.Text.Json.Serialization;

namespace OrleansInstances.Gateway.Dialects.Koyeb;

/// <param name="Limit">As applied, not as asked for; likewise the next.</param>
/// <param name="Count">How many match in all.</param>
/// <param name="Order"><c>asc</c> or <c>desc</c>.</param>
public sealed record KoyebInstancesReply(
    [property: JsonPropertyName("instances")] IEnumerable<KoyebListItem> Instances,
    [property: JsonPropertyName("limit")] int Limit,
    [property: JsonPropertyName("offset")] int Offset,
    [property: JsonPropertyName("count")] int Count,
    [property: JsonPropertyName("order")] string Order);

public sealed record KoyebInstanceReply([property: JsonPropertyName("instance")] KoyebInstance Instance);

/// <param name="Limit">As applied, not as asked for; likewise the next.</param>
/// <param name="Order"><c>asc</c> or <c>desc</c>.</param>
/// <param name="HasNext">Whether there are any behind these.</param>
public sealed record KoyebEventsReply(
    [property: JsonPropertyName("events")] IEnumerable<KoyebEvent> Events,
    [property: JsonPropertyName("limit")] int Limit,
    [property: JsonPropertyName("offset")] int Offset,
    [property: JsonPropertyName("order")] string Order,
    [property: JsonPropertyName("has_next")] bool HasNext);
