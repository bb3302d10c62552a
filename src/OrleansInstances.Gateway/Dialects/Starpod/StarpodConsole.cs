using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;
using OrleansInstances.Gateway.Auth;
using OrleansInstances.Gateway.Dialects.Starpod.Logs;
using OrleansInstances.Gateway.Errors;
using OrleansInstances.Gateway.Idempotency;
using OrleansInstances.Gateway.Instances;
using OrleansInstances.Gateway.OpenApi;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Gateway.Dialects.Starpod;

/// <summary>What goes into an instance and what comes out of it.</summary>
internal static class StarpodConsole
{
    private const string OffsetHeader = "X-Console-Offset";
    private const string HeadHeader = "X-Console-Head";

    /// <summary>What a pipe holds: a body that fits in is offered as one.</summary>
    private const int PieceBytes = 64 * 1024;

    public static void MapStarpodConsole(this IEndpointRouteBuilder route)
    {
        var instance = route.MapGroup("/").RequireScope(Scopes.Console);
        var limits = route.ServiceProvider.GetRequiredService<IOptions<GatewayOptions>>().Value;
        instance.MapPost("/input", WriteInputAsync).WithMetadata(new BodyLimit(limits.MaxInputBytes)).WithKeyAs(KeyedAs.Nothing)
            .Describe("writeInput", "Offers bytes to its stdin, and takes what fits.")
            .TakesBytes().TakesQuery(new QueryParameter("close", JsonSchemaType.Boolean, "Close stdin behind them."))
            .Answers<InputAnswer>();
        instance.MapGet("/logs", ReadLogsAsync)
            .Describe("readLogs", "Its output.").TakesQuery(LogQuery.Parameters)
            .AnswersRaw("application/x-ndjson", "text/plain", "text/event-stream", "application/octet-stream");
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

        var taken = await OfferAsync(request.BodyReader, (piece, end) => grains.OfferInputAsync(instance, piece, end && close), cancellationToken);
        return taken.Refusal is { } refusal
            ? new InputRefused(taken.Taken, refusal)
            : TypedResults.Json(new InputAnswer(taken.Taken), StarpodJson.Wire.InputAnswer);
    }

    private static async Task<IResult> ReadLogsAsync(
        string id, HttpContext context, Caller caller, InstanceCalls instances, IGrainFactory grains, CancellationToken cancellationToken)
    {
        if (!LogQuery.Read(context.Request).TryGet(out var query, out var error))
        {
            return error;
        }

        var reply = await instances.GetRetainedAsync(caller, id, cancellationToken);
        if (reply.Instance is not { } instance)
        {
            return ApiError.Of(reply.Refusal!);
        }

        var node = instance.Node is { } name ? grains.GetGrain<INodeGrain>(name) : null;
        var first = node is null ? ConsoleSlices.Empty : await node.ReadFirstAsync(query.Of(instance.Id), cancellationToken);
        context.Response.Headers[OffsetHeader] = first.Offset.ToString(CultureInfo.InvariantCulture);
        context.Response.Headers[HeadHeader] = first.Head.ToString(CultureInfo.InvariantCulture);
        var follow = query.Follow && instance.Status != InstanceStatus.Deleted;
        var slices = follow ? FollowAsync(grains, instance.Id, first, cancellationToken)
            : node is null ? AsyncEnumerable.Empty<OutputSlice>()
            : node.ReadOnAsync(instance.Id, first, cancellationToken);
        if (follow && context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            // Whoever reads slowly, or not at all for a while, is behind and nothing else.
            rate.MinDataRate = null;
        }

        await WriteAsync(slices, query.Resume?.From ?? first.Offset, query, instance, context.Response, cancellationToken);
        return TypedResults.Empty;
    }

    private static async IAsyncEnumerable<OutputSlice> FollowAsync(
        IGrainFactory grains, Guid instanceId, OutputSlice first, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!first.Data.IsEmpty)
        {
            yield return first;
        }

        await foreach (var slice in grains.FollowOutputAsync(instanceId, first.Offset + first.Data.Length, cancellationToken))
        {
            yield return slice;
        }
    }

    /// <param name="start">Where the reader is; of output that begins further on it has missed what lies between.</param>
    private static async Task WriteAsync(
        IAsyncEnumerable<OutputSlice> slices, long start, LogQuery query, InstanceSnapshot instance, HttpResponse response, CancellationToken cancellationToken)
    {
        if (query.Format == LogFormat.Raw)
        {
            await RawLogWriter.WriteAsync(slices, start, query.Stream, response, cancellationToken);
            return;
        }

        using var json = new JsonLine(instance.Spec.Console.Split);
        ILineFormat format = query.Format switch
        {
            LogFormat.Text => new TextLines(),
            LogFormat.Sse => new ServerSentLines(json),
            _ => new NdjsonLines(json),
        };
        response.Headers.CacheControl = "no-store";
        await LineLogWriter.WriteAsync(slices, start, format, instance.CreatedAt, query, response, cancellationToken);
    }

    /// <summary>Offers a body as it comes, up to what isn't taken; only a piece of it is ever in memory. The rest is read and dropped.</summary>
    private static async Task<InputReply> OfferAsync(PipeReader body, Func<ReadOnlyMemory<byte>, bool, Task<InputReply>> offer, CancellationToken cancellationToken)
    {
        var sum = new InputReply(0, null);
        while (true)
        {
            var read = await body.ReadAtLeastAsync(PieceBytes, cancellationToken);
            var piece = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, PieceBytes));
            var end = read.IsCompleted && piece.Length == read.Buffer.Length;
            if (sum.Refusal is null)
            {
                var reply = await offer(piece.ToArray(), end);
                sum = new InputReply(sum.Taken + reply.Taken, reply.Refusal);
            }

            body.AdvanceTo(piece.End);
            if (end)
            {
                return sum;
            }
        }
    }

    private static bool? Flag(string? text) => text switch
    {
        null or "false" => false,
        "true" => true,
        _ => null,
    };
}
