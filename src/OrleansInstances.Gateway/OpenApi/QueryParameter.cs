using Microsoft.OpenApi;

namespace OrleansInstances.Gateway.OpenApi;

/// <summary>Endpoint metadata: a parameter that a route reads from the query by itself.</summary>
/// <param name="Type">Of one value.</param>
/// <param name="Many">Whether it may be given more than once.</param>
internal sealed record QueryParameter(string Name, JsonSchemaType Type, string Description, bool Many = false)
{
    /// <summary>The only values it takes; empty for any.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    public OpenApiParameter Describe()
    {
        var one = new OpenApiSchema { Type = Type };
        if (Words.Count > 0)
        {
            one.Enum = [.. Words.Select(word => System.Text.Json.Nodes.JsonValue.Create(word))];
        }

        return new OpenApiParameter
        {
            Name = Name,
            In = ParameterLocation.Query,
            Description = Description,
            Schema = Many ? new OpenApiSchema { Type = JsonSchemaType.Array, Items = one } : one,
        };
    }
}
