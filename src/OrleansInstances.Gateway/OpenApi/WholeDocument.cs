using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using OrleansInstances.Gateway.Errors;
using OrleansInstances.Hosting;

namespace OrleansInstances.Gateway.OpenApi;

/// <summary>What the description says once: its title, how keys are sent, and what an error looks like.</summary>
internal sealed class WholeDocument : IOpenApiDocumentTransformer
{
    public const string ApiKey = "key";
    public const string Bearer = "bearer";
    public const string Error = "error";

    public async Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "OrleansInstances",
            Version = EngineName.VersionOf(typeof(WholeDocument).Assembly),
            Description = "Instances, driven through any of its dialects.",
        };
        // Relative, so that it is right behind any proxy.
        document.Servers = [new OpenApiServer { Url = "/" }];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [ApiKey] = new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = "X-API-Key" },
            [Bearer] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer" },
        };
        document.AddComponent(nameof(ErrorBody), (IOpenApiSchema)await context.GetOrCreateSchemaAsync(typeof(ErrorBody), null, cancellationToken));
        document.Components.Responses = new Dictionary<string, IOpenApiResponse>
        {
            [Error] = new OpenApiResponse
            {
                Description = "Why not.",
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    ["application/json"] = new() { Schema = new OpenApiSchemaReference(nameof(ErrorBody), document) },
                },
            },
        };
    }
}
