using OrleansInstances.Gateway.Auth;
using OrleansInstances.Gateway.Errors;
using OrleansInstances.Gateway.OpenApi;
using OrleansInstances.Hosting;
using OrleansInstances.Storage.Nodes;

namespace OrleansInstances.Gateway.Cluster;

/// <summary>The machines, and what the cluster is.</summary>
internal static class ClusterEndpoints
{
    public static void MapCluster(this IEndpointRouteBuilder app)
    {
        var cluster = app.MapGroup("/api").RequireScope(Scopes.View).WithTags("Cluster");
        cluster.MapGet("/cluster", GetClusterAsync)
            .Describe("getCluster", "What this cluster is.").Answers<ClusterDescription>();
        cluster.MapGet("/nodes", ListNodesAsync)
            .Describe("listNodes", "The nodes that ever registered.").Answers<IEnumerable<NodeDescription>>();
        cluster.MapGet("/nodes/{name}", GetNodeAsync)
            .Describe("getNode", "One node.").Answers<NodeDescription>();
    }

    private static async Task<IResult> GetClusterAsync(INodeTable table, CancellationToken cancellationToken)
    {
        var nodes = await ReadAsync(table, cancellationToken);
        var cluster = new ClusterDescription(EngineName.Name, EngineName.Version, EngineName.VersionOf(typeof(ClusterEndpoints).Assembly), [.. nodes]);
        return TypedResults.Json(cluster, ClusterJson.Default.ClusterDescription);
    }

    private static async Task<IResult> ListNodesAsync(INodeTable table, CancellationToken cancellationToken) =>
        TypedResults.Json(await ReadAsync(table, cancellationToken), ClusterJson.Default.IEnumerableNodeDescription);

    private static async Task<IResult> GetNodeAsync(string name, INodeTable table, CancellationToken cancellationToken)
    {
        var nodes = await ReadAsync(table, cancellationToken);
        return nodes.FirstOrDefault(node => node.Name == name) is { } found
            ? TypedResults.Json(found, ClusterJson.Default.NodeDescription)
            : new ApiError(StatusCodes.Status404NotFound, "not_found", "There is no such node.");
    }

    private static async Task<IEnumerable<NodeDescription>> ReadAsync(INodeTable table, CancellationToken cancellationToken)
    {
        var rows = await table.ListAsync(cancellationToken);
        return rows.Select(NodeDescription.Of);
    }
}
