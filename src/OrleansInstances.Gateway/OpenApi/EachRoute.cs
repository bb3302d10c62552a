using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using OrleansInstances.Gateway.Auth;
using OrleansInstances.Gateway.Idempotency;

namespace OrleansInstances.Gateway.OpenApi;

/// <summary>What the description says of a route besides what the route says of itself: its query, its body, its key, and its errors.</summary>
internal sealed class EachRoute : IOpenApiOperationTransformer
{
    public async Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        operation.Parameters ??= [];
        foreach (var parameter in metadata.OfType<QueryParameter>())
        {
            operation.Parameters.Add(parameter.Describe());
        }

        if (metadata.OfType<RequestBody>().LastOrDefault() is { } body)
        {
            operation.RequestBody = await body.DescribeAsync(context, cancellationToken);
        }

        if (metadata.OfType<RouteAccess>().LastOrDefault() is { Check: KeyCheck.Headers } access)
        {
            operation.Description = $"Takes a key with the scope {string.Join(" and ", ScopeWords.Format(access.Scopes))}.";
            operation.Security =
            [
                new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(WholeDocument.ApiKey, context.Document)] = [] },
                new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(WholeDocument.Bearer, context.Document)] = [] },
            ];
            if (context.Description.HttpMethod == HttpMethods.Post && metadata.OfType<KeyedRequest>().LastOrDefault()?.As != KeyedAs.Nothing)
            {
                operation.Parameters.Add(IdempotencyKey());
            }

            operation.Responses!["default"] = metadata.OfType<DefaultAnswer>().LastOrDefault() is { } answer
                ? await answer.DescribeAsync(context, cancellationToken)
                : new OpenApiResponseReference(WholeDocument.Error, context.Document);
        }
    }

    private static OpenApiParameter IdempotencyKey() => new()
    {
        Name = IdempotentRequests.Header,
        In = ParameterLocation.Header,
        Description = "Names the request: sent again with the same name it is answered again, not done again.",
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
    };
}
