using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace OrleansInstances.Gateway.OpenApi;

/// <summary>Endpoint metadata: a body that a route reads by itself. Unlike the framework's own, it turns no content type away.</summary>
/// <param name="Type">The JSON it takes; null for bytes of any kind.</param>
internal sealed record RequestBody(Type? Type)
{
    public async Task<OpenApiRequestBody> DescribeAsync(OpenApiOperationTransformerContext context, CancellationToken cancellationToken) => new()
    {
        Required = true,
        Content = new Dictionary<string, OpenApiMediaType>
        {
            [Type is null ? "application/octet-stream" : "application/json"] = new()
            {
                Schema = Type is null
                    ? new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" }
                    : await context.ReferenceAsync(Type, cancellationToken),
            },
        },
    };
}
