using Microsoft.AspNetCore.Http.Features;
using OrleansInstances.Gateway.Auth;
using OrleansInstances.Gateway.Errors;
using OrleansInstances.Gateway.OpenApi;
using OrleansInstances.Nodes;
using OrleansInstances.Storage.Nodes;

namespace OrleansInstances.Gateway.Cluster;

/// <summary>The machines, and what an operator can say of them.</summary>
internal static class NodeEndpoints
{
    private static readonly ApiError NoSuchNode = new(StatusCodes.Status404NotFound, "not_found", "There is no such node.");
    private static readonly ApiError StillThere = new(
        StatusCodes.Status409Conflict, "node_is_up", "The node is up. Drain it, stop what is left on it, and end its silo first.");

    public static void MapNodes(this IEndpointRouteBuilder app)
    {
        var nodes = app.MapGroup("/api/nodes").WithTags("Cluster");
        nodes.MapGet("/", ListAsync).RequireScope(Scopes.View)
            .Describe("listNodes", "The nodes that joined and were not removed, by name.").Answers<IEnumerable<NodeDescription>>();

        var node = nodes.MapGroup("/{name}");
        node.MapGet("/", GetAsync).RequireScope(Scopes.View)
            .Describe("getNode", "One node.").Answers<NodeDescription>();
        node.MapPost("/cordon", CordonAsync).RequireScope(Scopes.Admin)
            .Describe("cordonNode", "It takes no new instances. Ends its draining.").Answers<NodeDescription>();
        node.MapPost("/uncordon", UncordonAsync).RequireScope(Scopes.Admin)
            .Describe("uncordonNode", "It takes new instances again. Ends its draining.").Answers<NodeDescription>();
        node.MapPost("/drain", DrainAsync).RequireScope(Scopes.Admin)
            .Describe("drainNode", "It takes no new instances, and those that may move go elsewhere, one by one.")
            .Takes<DrainRequest>().Answers<NodeDescription>(StatusCodes.Status202Accepted);
        node.MapDelete("/", DeleteAsync).RequireScope(Scopes.Admin)
            .Describe("removeNode", "Says that a lost node is gone for good; answers 202 until it is fenced, then removes it.")
            .Answers<NodeDescription>(StatusCodes.Status202Accepted).AnswersNothing();
    }

    private static async Task<IResult> ListAsync(NodeDesk desk, CancellationToken cancellationToken) =>
        TypedResults.Json((await desk.ListAsync(cancellationToken)).Select(NodeDescription.Of), ClusterJson.Wire.IEnumerableNodeDescription);

    private static async Task<IResult> GetAsync(string name, NodeDesk desk, CancellationToken cancellationToken) =>
        Answer(await desk.FindAsync(name, cancellationToken));

    private static async Task<IResult> CordonAsync(string name, NodeDesk desk, CancellationToken cancellationToken) =>
        Answer(await desk.CordonAsync(name, NodeCordon.Cordoned, cancellationToken));

    private static async Task<IResult> UncordonAsync(string name, NodeDesk desk, CancellationToken cancellationToken) =>
        Answer(await desk.CordonAsync(name, NodeCordon.None, cancellationToken));

    private static async Task<IResult> DrainAsync(string name, HttpRequest request, NodeDesk desk, CancellationToken cancellationToken)
    {
        var body = new DrainRequest();
        if (request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true }
            && !(await request.ReadJsonAsync(ClusterJson.Wire.DrainRequest, cancellationToken)).TryGet(out body, out var error))
        {
            return error;
        }

        var cordon = body.StopWaiting == true ? NodeCordon.DrainingAll : NodeCordon.Draining;
        return Answer(await desk.CordonAsync(name, cordon, cancellationToken), StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> DeleteAsync(string name, NodeDesk desk, CancellationToken cancellationToken)
    {
        var row = await desk.RemoveAsync(name, cancellationToken);
        return row?.Standing switch
        {
            NodeStanding.Live => StillThere,
            NodeStanding.Removed => TypedResults.NoContent(),
            _ => Answer(row, StatusCodes.Status202Accepted),
        };
    }

    private static IResult Answer(NodeRow? row, int status = StatusCodes.Status200OK) => row is not null
        ? TypedResults.Json(NodeDescription.Of(row), ClusterJson.Wire.NodeDescription, statusCode: status)
        : NoSuchNode;
}
