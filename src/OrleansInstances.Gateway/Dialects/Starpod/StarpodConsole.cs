using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;
using OrleansInstances.Gateway.Auth;
using OrleansInstances.Gateway.Dialects.Starpod.Logs;
using OrleansInstances.Gateway.Errors;
using OrleansInstances.Gateway.Instances;
using OrleansInstances.Gateway.OpenApi;
using OrleansInstances.Nodes;

namespace OrleansInstances.Gateway.Dialects.Starpod;

/// <summary>What goes into an instance and what comes out of it.</summary>
internal static class StarpodConsole
{
    private const string OffsetHeader = "X-Console-Offset";
    private const string HeadHeader = "X-Console-Head";

    public static void MapStarpodConsole(this IEndpointRouteBuilder route)
    {
        var instance = route.MapGroup("/").RequireScope(Scopes.Console);
        var limits = route.ServiceProvider.GetRequiredService<IOptions<GatewayOptions>>().Value;
        instance.MapPost("/input", WriteInputAsync).WithMetadata(new BodyLimit(limits.MaxInputBytes))
            .Describe("writeInput", "Offers bytes to its stdin, and takes what fits.")
            .TakesBytes().TakesQuery(new QueryParameter("close", JsonSchemaType.Boolean, "Close stdin behind them."))
            .Answers<InputAnswer>();
        instance.MapGet("/logs", ReadLogsAsync)
            .Describe("readLogs", "Its output.").TakesQuery(LogQuery.Parameters)
            .AnswersRaw("application/x-ndjson", "text/plain", "application/octet-stream");
    }

    private static async Task<IResult> WriteInputAsync(
        string id, HttpRequest request, Caller caller, InstanceCalls instances, IGrainFactory grains, CancellationToken cancellationToken)
    {
        if (Flag(request.Query["close"]) is not { } close)
        {
            return ApiError.Invalid("close must be true or false.");
        }

        var reply = await instances.GetAsync(caller, id, cancellationToken);
        if (reply.Instance is not { } instance)
        {
            return ApiError.Of(reply.Refusal!);
        }

        var body = await ReadBodyAsync(request.BodyReader, cancellationToken);
        var taken = await grains.OfferInputAsync(instance, body, close);
        return taken.Refusal is { } refusal
            ? new InputRefused(taken.Taken, refusal)
            : TypedResults.Json(new InputAnswer(taken.Taken), StarpodJson.Wire.InputAnswer);
    }

    private static async Task<IResult> ReadLogsAsync(
        string id, HttpContext context, Caller caller, InstanceCalls instances, IGrainFactory grains, CancellationToken cancellationToken)
    {
        if (!LogQuery.Read(context.Request.Query).TryGet(out var query, out var error))
        {
            return error;
        }

        var reply = await instances.GetAsync(caller, id, cancellationToken);
        if (reply.Instance is not { } instance)
        {
            return ApiError.Of(reply.Refusal!);
        }

        var node = instance.Node is { } name ? grains.GetGrain<INodeGrain>(name) : null;
        var first = node is null ? ConsoleSlices.Empty : await node.ReadFirstAsync(query.Of(instance.Id), cancellationToken);
        context.Response.Headers[OffsetHeader] = first.Offset.ToString(CultureInfo.InvariantCulture);
        context.Response.Headers[HeadHeader] = first.Head.ToString(CultureInfo.InvariantCulture);
        var slices = node is null ? AsyncEnumerable.Empty<OutputSlice>() : node.ReadOnAsync(instance.Id, first, cancellationToken);
        switch (query.Format)
        {
            case LogFormat.Raw:
                await RawLogWriter.WriteAsync(slices, context.Response, cancellationToken);
                break;
            case LogFormat.Text:
                await LineLogWriter.WriteAsync(slices, new TextLines(), instance.CreatedAt, context.Response, cancellationToken);
                break;
            default:
                using (var ndjson = new NdjsonLines())
                {
                    await LineLogWriter.WriteAsync(slices, ndjson, instance.CreatedAt, context.Response, cancellationToken);
                }

                break;
        }

        return TypedResults.Empty;
    }

    private static async Task<ReadOnlyMemory<byte>> ReadBodyAsync(PipeReader body, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await body.ReadAsync(cancellationToken);
            if (read.IsCompleted)
            {
                var bytes = read.Buffer.ToArray();
                body.AdvanceTo(read.Buffer.End);
                return bytes;
            }

            body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static bool? Flag(string? text) => text switch
    {
        null or "false" => false,
        "true" => true,
        _ => null,
    };
}
