using System.Text.Json.Serialization;

namespace OrleansInstances.Gateway.Dialects.Chutes.Bodies;

/// <summary>The body of an activation without a launch config.</summary>
internal sealed record PatchBody([property: JsonPropertyName("active")] bool Active)
{
    public static PatchBody Read(ModelReader body) => new(body.Boolean("active"));
}
