using OrleansInstances.Gateway.Auth;
using OrleansInstances.Gateway.OpenApi;
using OrleansInstances.Hosting;

namespace OrleansInstances.Gateway.Cluster;

/// <summary>What the cluster is.</summary>
internal static class ClusterEndpoints
{
    public static void MapCluster(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/cluster", GetAsync).RequireScope(Scopes.View).WithTags("Cluster")
            .Describe("getCluster", "What this cluster is.").Answers<ClusterDescription>();
        app.MapNodes();
    }

    private static async Task<IResult> GetAsync(NodeDesk desk, CancellationToken cancellationToken)
    {
        var nodes = await desk.ListAsync(cancellationToken);
        var cluster = new ClusterDescription(
            EngineName.Name, EngineName.Version, EngineName.VersionOf(typeof(ClusterEndpoints).Assembly), [.. nodes.Select(NodeDescription.Of)]);
        return TypedResults.Json(cluster, ClusterJson.Wire.ClusterDescription);
    }
}
