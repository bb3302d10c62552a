using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace OrleansInstances.Gateway.OpenApi;

internal static class SchemaReferences
{
    /// <summary>The schema of a type, kept once among the document's.</summary>
    public static async Task<IOpenApiSchema> ReferenceAsync(this OpenApiOperationTransformerContext context, Type type, CancellationToken cancellationToken)
    {
        var document = context.Document!;
        document.AddComponent(type.Name, (IOpenApiSchema)await context.GetOrCreateSchemaAsync(type, null, cancellationToken));
        return new OpenApiSchemaReference(type.Name, document);
    }
}
