using OrleansInstances.Gateway.Errors;
using OrleansInstances.Storage.Nodes;

namespace OrleansInstances.Gateway.Cluster;

/// <summary>The machines, and what the cluster is.</summary>
internal static class ClusterEndpoints
{
    public static void MapCluster(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/cluster", GetClusterAsync);
        app.MapGet("/api/nodes", ListNodesAsync);
        app.MapGet("/api/nodes/{name}", GetNodeAsync);
    }

    private static async Task<IResult> GetClusterAsync(INodeTable table, TimeProvider time, CancellationToken cancellationToken)
    {
        var nodes = await ReadAsync(table, time, cancellationToken);
        var cluster = new ClusterDescription(EngineName.Name, EngineName.Version, EngineName.VersionOf(typeof(ClusterEndpoints).Assembly), [.. nodes]);
        return TypedResults.Json(cluster, ClusterJson.Default.ClusterDescription);
    }

    private static async Task<IResult> ListNodesAsync(INodeTable table, TimeProvider time, CancellationToken cancellationToken) =>
        TypedResults.Json(await ReadAsync(table, time, cancellationToken), ClusterJson.Default.IEnumerableNodeDescription);

    private static async Task<IResult> GetNodeAsync(string name, INodeTable table, TimeProvider time, CancellationToken cancellationToken)
    {
        var nodes = await ReadAsync(table, time, cancellationToken);
        return nodes.FirstOrDefault(node => node.Name == name) is { } found
            ? TypedResults.Json(found, ClusterJson.Default.NodeDescription)
            : new ApiError(StatusCodes.Status404NotFound, "not_found", "There is no such node.");
    }

    private static async Task<IEnumerable<NodeDescription>> ReadAsync(INodeTable table, TimeProvider time, CancellationToken cancellationToken)
    {
        var rows = await table.ListAsync(cancellationToken);
        var now = time.GetUtcNow();
        return rows.Select(row => NodeDescription.Of(row, now));
    }
}
