using System.Buffers;
using Microsoft.Extensions.Options;
using OrleansInstances.Gateway.Auth;
using OrleansInstances.Gateway.Errors;
using OrleansInstances.Gateway.Instances;
using OrleansInstances.Gateway.OpenApi;
using OrleansInstances.Instances;

namespace OrleansInstances.Gateway.Dialects.Koyeb.Exec;

/// <summary>Koyeb's exec: a websocket, or for clients that have none one request and one answer.</summary>
internal static class KoyebExec
{
    /// <summary>Of all that a command may write in answer to a plain request.</summary>
    private const int MaxAnswerBytes = 8 * 1024 * 1024;

    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(30);

    public static void MapKoyebExec(this IEndpointRouteBuilder koyeb) =>
        koyeb.MapGet("/streams/instances/exec", ExecAsync).RequireScope(Scopes.Exec)
            .Describe("koyebExecCommand", "Runs a command beside an instance's program: over a websocket, or to its end.")
            .TakesQuery(ExecQuery.Parameters).AnswersRaw("application/json").FailsAsKoyeb();

    private static async Task<IResult> ExecAsync(
        HttpContext context,
        Caller caller,
        InstanceCalls instances,
        ExecRequests requests,
        IOptions<GatewayOptions> options,
        TimeProvider time,
        ILogger<ExecSocket> logger,
        CancellationToken cancellationToken)
    {
        var (query, error) = ExecQuery.Read(context.Request.Query);
        if (error is not null)
        {
            return error;
        }

        if (!context.WebSockets.IsWebSocketRequest)
        {
            return await RunOnceAsync(caller, query, requests, cancellationToken);
        }

        // What can be told in plain HTTP is: afterwards there are only frames.
        if (query is { Id: { } id, IsService: not true } && (await instances.GetAsync(caller, id, cancellationToken)).Refusal is { } missing)
        {
            return KoyebError.Of(ApiError.Of(missing));
        }

        var stall = TimeSpan.FromSeconds(options.Value.ExecStallSeconds);
        var protocols = context.WebSockets.WebSocketRequestedProtocols;
        using var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            SubProtocol = protocols.Contains(KoyebKey.Subprotocol) ? KoyebKey.Subprotocol : null,
            KeepAliveInterval = PingInterval,
            KeepAliveTimeout = stall,
        });
        await new ExecSocket(socket, requests, (int)options.Value.MaxBodyBytes, stall, time, logger).ServeAsync(caller, query, cancellationToken);
        return TypedResults.Empty;
    }

    private static async Task<IResult> RunOnceAsync(Caller caller, ExecFrame frame, ExecRequests requests, CancellationToken cancellationToken)
    {
        if (frame.Command is null)
        {
            return KoyebError.Invalid("body.command", "must name a program");
        }

        var (opening, error) = await requests.OpenAsync(caller, frame, wantsTerminal: false, cancellationToken);
        if (error is not null)
        {
            return KoyebError.Of(error);
        }

        return opening!.NotStarted is { } end
            ? Answer([], System.Text.Encoding.UTF8.GetBytes($"{end.Message}\n"), end)
            : await RunToEndAsync(opening.Exec!, frame, cancellationToken);
    }

    private static async Task<IResult> RunToEndAsync(OpenedExec exec, ExecFrame frame, CancellationToken cancellationToken)
    {
        await using var left = cancellationToken.Register(() => _ = exec.CloseAsync());
        var (stdout, stderr) = (new ArrayBufferWriter<byte>(), new ArrayBufferWriter<byte>());
        var writing = exec.WriteAsync(frame.Data, close: true);
        while (true)
        {
            var output = await exec.ReadAsync();
            stdout.Write(output.Stdout.Span);
            stderr.Write(output.Stderr.Span);
            if (output.Refusal is { } refusal)
            {
                return KoyebError.Of(ApiError.Of(refusal));
            }

            if (output.End is { } end)
            {
                await writing;
                return Answer(stdout.WrittenSpan, stderr.WrittenSpan, end);
            }

            if (stdout.WrittenCount + stderr.WrittenCount > MaxAnswerBytes)
            {
                await exec.CloseAsync();
                return KoyebError.Of(ApiError.Of(new Refusal(RefusalKind.Conflict, "too_long", $"The command wrote more than {MaxAnswerBytes} bytes and was ended; a websocket takes any amount.")));
            }
        }
    }

    private static IResult Answer(ReadOnlySpan<byte> stdout, ReadOnlySpan<byte> stderr, Nodes.ExecEnd end) =>
        TypedResults.Bytes(ResultFrame.Whole(stdout, stderr, ExecRequests.CodeOf(end)), "application/json");
}
