using System.Text.Json.Serialization;

namespace OrleansInstances.Gateway.Dialects.Chutes.Bodies;

/// <summary>The body of a create without a launch config.</summary>
internal sealed record CreateBody(
    [property: JsonPropertyName("node_ids")] IReadOnlyList<string> Gpus,
    [property: JsonPropertyName("host")] string Host,
    [property: JsonPropertyName("port")] int Port)
{
    public static CreateBody Read(ModelReader body) => new(body.Texts("node_ids"), body.Text("host"), body.Integer("port", 1, ushort.MaxValue));
}
