using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace OrleansInstances.Gateway.OpenApi;

/// <summary>Endpoint metadata: the JSON that a route answers with any status that nothing else is said of. Without it that is <see cref="Errors.ApiError"/>'s.</summary>
internal sealed record DefaultAnswer(Type Type)
{
    public async Task<OpenApiResponse> DescribeAsync(OpenApiOperationTransformerContext context, CancellationToken cancellationToken) => new()
    {
        Description = "Why not.",
        Content = new Dictionary<string, OpenApiMediaType>
        {
            ["application/json"] = new() { Schema = await context.ReferenceAsync(Type, cancellationToken) },
        },
    };
}
