using OrleansInstances.Gateway.Auth;
using OrleansInstances.Gateway.Errors;
using OrleansInstances.Gateway.OpenApi;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Gateway.Health;

/// <summary>For whoever watches this process: open to all, and says nothing about instances.</summary>
internal static class HealthEndpoints
{
    private static readonly TimeSpan DatabaseTimeout = TimeSpan.FromSeconds(2);

    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        var health = app.MapGroup("/health").OpenToAll().WithTags("Health");
        health.MapGet("/live", () => TypedResults.Text("live\n"))
            .Describe("getLive", "This process answers.").AnswersRaw("text/plain");
        health.MapGet("/ready", GetReadyAsync)
            .Describe("getReady", "Recovery has run and the database answers.").AnswersRaw("text/plain");
    }

    /// <summary>Ready when everything has started, recovery included, and the database answers.</summary>
    private static async Task<IResult> GetReadyAsync(
        IHostApplicationLifetime lifetime, IInstanceCatalog catalog, CancellationToken cancellationToken)
    {
        if (!lifetime.ApplicationStarted.IsCancellationRequested || lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return ApiError.Unavailable("not_ready", "Starting or stopping.");
        }

        // No instance has the number 0: the answer is always the database's, never a cached one.
        await catalog.FindIdAsync(0, cancellationToken).AsTask().WaitAsync(DatabaseTimeout, cancellationToken);
        return TypedResults.Text("ready\n");
    }
}
