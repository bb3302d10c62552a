using System.Text;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using OrleansInstances.Gateway.Auth;

namespace OrleansInstances.Gateway.OpenApi;

/// <summary>The description of all routes for programs, at <c>/openapi/v1.json</c>, and the page to try them.</summary>
internal static class ApiDescription
{
    private const string Document = "v1";

    public static void AddApiDescription(this IServiceCollection services)
    {
        services.AddOpenApi(Document, options =>
        {
            options.AddDocumentTransformer<WholeDocument>();
            options.AddOperationTransformer<EachRoute>();
        });

        // The description's schemas follow these options: numbers are numbers, never text.
        services.ConfigureHttpJsonOptions(options => options.SerializerOptions.NumberHandling = JsonNumberHandling.Strict);
    }

    public static void MapApiDescription(this IEndpointRouteBuilder app)
    {
        // Always the same, and dear to make: made once, for whoever asks first.
        var json = new Lazy<Task<byte[]>>(() => DescribeAsync(app.ServiceProvider));
        app.MapGet($"/openapi/{Document}.json", async () => TypedResults.Bytes(await json.Value, "application/json"))
            .OpenToAll().ExcludeFromDescription();
        app.MapTryPage();
    }

    private static async Task<byte[]> DescribeAsync(IServiceProvider services)
    {
        await using var scope = services.CreateAsyncScope();
        var provider = scope.ServiceProvider.GetRequiredKeyedService<IOpenApiDocumentProvider>(Document);
        var document = await provider.GetOpenApiDocumentAsync();

        // 3.0 is what most generators of clients read.
        return Encoding.UTF8.GetBytes(await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_0));
    }
}
