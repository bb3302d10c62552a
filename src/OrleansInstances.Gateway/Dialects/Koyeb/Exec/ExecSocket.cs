using System.Buffers;
using System.Net.WebSockets;
using OrleansInstances.Gateway.Auth;
using OrleansInstances.Gateway.Errors;
using OrleansInstances.Gateway.Instances;
using OrleansInstances.Nodes;
using OrleansInstances.Storage;

namespace OrleansInstances.Gateway.Dialects.Koyeb.Exec;

/// <summary>
/// One websocket: its first message starts a command, the later ones are its input, and what it writes goes out as it
/// comes. No more than a piece each way waits in between: a client that reads slowly holds the command back, and a command
/// that doesn't read holds back its client.
/// </summary>
/// <param name="maxMessageBytes">Of a message of the client.</param>
/// <param name="stall">How long the client may leave a frame unread, or say nothing at first.</param>
internal sealed partial class ExecSocket(WebSocket socket, ExecRequests requests, int maxMessageBytes, TimeSpan stall, TimeProvider time, ILogger logger)
{
    private const int FirstBufferBytes = 4 * 1024;

    private static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private byte[] _received = new byte[FirstBufferBytes];
    private OpenedExec? _exec;
    private bool _isOver;

    /// <summary>Serves the client to the end; never throws.</summary>
    /// <param name="query">What its query said.</param>
    /// <param name="aborted">Its connection has ended.</param>
    public async Task ServeAsync(Caller caller, ExecFrame query, CancellationToken aborted)
    {
        await using var left = aborted.Register(() => _ = EndAsync());
        try
        {
            var fault = await RunAsync(caller, query, aborted);
            if (fault is not null)
            {
                await SendAsync(ResultFrame.Error(fault));
            }

            await SayFarewellAsync();
        }
        catch (Exception gone) when (gone is WebSocketException or OperationCanceledException or IOException)
        {
            LogClientLeft(gone.Message);
        }
        finally
        {
            await EndAsync();
        }
    }

    private async Task<ApiError?> RunAsync(Caller caller, ExecFrame query, CancellationToken aborted)
    {
        var first = query;
        if (query.Command is null)
        {
            using var patience = new CancellationTokenSource(stall, time);
            var received = await ReceiveAsync(patience.Token);
            if (received.Error is not null || received.Frame is null)
            {
                return received.Error;
            }

            first = received.Frame.Over(query);
        }

        try
        {
            return await RunAsync(caller, first, first.DisableTty != true, aborted);
        }
        catch (Exception failure) when (failure is not (WebSocketException or OperationCanceledException or IOException))
        {
            return ErrorOf(failure);
        }
    }

    private async Task<ApiError?> RunAsync(Caller caller, ExecFrame first, bool hasTerminal, CancellationToken aborted)
    {
        var (opening, error) = await requests.OpenAsync(caller, first, hasTerminal, aborted);
        if (error is not null)
        {
            return error;
        }

        if (opening!.NotStarted is { } end)
        {
            await SendAsync(System.Text.Encoding.UTF8.GetBytes($"{end.Message}\n"), isStderr: true);
            await SendAsync(ResultFrame.Exited(ExecRequests.CodeOf(end)));
            return null;
        }

        if (!TryBegin(opening.Exec!, aborted))
        {
            await opening.Exec!.CloseAsync();
            return null;
        }

        var output = SendOutputAsync(opening.Exec!);
        var input = ReceiveInputAsync(opening.Exec!, first);
        if (await Task.WhenAny(output, input) == output)
        {
            return await output;
        }

        // The client has left, or said what can't be understood.
        await EndAsync();
        _ = await output;
        return await input;
    }

    /// <summary>Sends what the command writes up to its end; null then, and when the client has left.</summary>
    private async Task<ApiError?> SendOutputAsync(OpenedExec exec)
    {
        for (var reading = exec.ReadAsync(); ;)
        {
            var output = await reading;
            if (_isOver)
            {
                return null;
            }

            if (output is { End: null, Refusal: null })
            {
                // The next piece comes while this one goes out.
                reading = exec.ReadAsync();
            }

            await SendAsync(output.Stdout, isStderr: false);
            await SendAsync(output.Stderr, isStderr: true);
            if (output.Refusal is { } refusal)
            {
                return ExecRequests.ErrorOf(refusal);
            }

            if (output.End is { } end)
            {
                // Whoever still writes to it is not to wait.
                await EndAsync();
                await SendAsync(ResultFrame.Exited(ExecRequests.CodeOf(end)));
                return null;
            }
        }
    }

    /// <summary>Hands the client's messages on until it leaves; then null.</summary>
    private async Task<ApiError?> ReceiveInputAsync(OpenedExec exec, ExecFrame first)
    {
        using var input = new ExecInput(exec);
        for (var frame = first with { Size = null }; ;)
        {
            if (frame.Size is { } size)
            {
                await exec.ResizeAsync(size);
            }

            if (frame.Data is { Length: > 0 } || frame.Close)
            {
                await input.AddAsync(frame.Data ?? [], frame.Close);
            }

            var received = await ReceiveAsync(CancellationToken.None);
            if (received.Frame is null)
            {
                return received.Error;
            }

            frame = received.Frame;
        }
    }

    /// <summary>The client's next message; neither when it has left.</summary>
    private async Task<(ExecFrame? Frame, ApiError? Error)> ReceiveAsync(CancellationToken cancellationToken)
    {
        var length = 0;
        while (true)
        {
            var part = await socket.ReceiveAsync(_received.AsMemory(length), cancellationToken);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return default;
            }

            length += part.Count;
            if (part.EndOfMessage)
            {
                return ExecFrame.Parse(_received.AsMemory(0, length)).TryGet(out var frame, out var error) ? (frame, null) : (null, error);
            }

            if (length == _received.Length)
            {
                if (length >= maxMessageBytes)
                {
                    return (null, ApiError.Invalid($"A message is longer than {maxMessageBytes} bytes."));
                }

                Array.Resize(ref _received, Math.Min(length * 2, maxMessageBytes));
            }
        }
    }

    private async Task SendAsync(ReadOnlyMemory<byte> data, bool isStderr)
    {
        for (var sent = 0; sent < data.Length; sent += ResultFrame.MaxData)
        {
            var piece = data[sent..Math.Min(sent + ResultFrame.MaxData, data.Length)];
            var frame = ArrayPool<byte>.Shared.Rent(ResultFrame.LengthFor(piece.Length));
            try
            {
                await SendAsync(frame.AsMemory(0, ResultFrame.Write(piece.Span, isStderr, frame)));
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(frame);
            }
        }
    }

    private async Task SendAsync(ReadOnlyMemory<byte> frame)
    {
        var send = socket.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        if (send.IsCompletedSuccessfully)
        {
            return;
        }

        try
        {
            await send.AsTask().WaitAsync(stall, time);
        }
        catch (TimeoutException)
        {
            socket.Abort();
            throw new OperationCanceledException("The client does not read.");
        }
    }

    /// <summary>Closes the connection in a way that lets the client read what it was sent.</summary>
    private async Task SayFarewellAsync()
    {
        using var patience = new CancellationTokenSource(FarewellTime);
        if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, patience.Token);
        }

        while (socket.State == WebSocketState.CloseSent)
        {
            _ = await socket.ReceiveAsync(_received.AsMemory(), patience.Token);
        }
    }

    private bool TryBegin(OpenedExec exec, CancellationToken aborted)
    {
        lock (_gate)
        {
            _exec = exec;
            return !aborted.IsCancellationRequested;
        }
    }

    private async Task EndAsync()
    {
        OpenedExec? exec;
        lock (_gate)
        {
            _isOver = true;
            exec = _exec;
            _exec = null;
        }

        if (exec is null)
        {
            return;
        }

        try
        {
            await exec.CloseAsync();
        }
        catch (Exception failure)
        {
            // Its node ends it, as nobody reads it any more.
            LogNotClosed(failure);
        }
    }

    private ApiError ErrorOf(Exception failure)
    {
        switch (failure)
        {
            case TimeoutException:
                return new ApiError(StatusCodes.Status504GatewayTimeout, "timeout", "No answer in time.");
            case NodeUnreachableException unreachable:
                return ApiError.Unavailable("node_unreachable", unreachable.Message);
            case var lost when CallFault.LostTheWay(lost):
                return ApiError.Unavailable("silo_unavailable", "The silo that it takes can't be reached now.");
            case StorageOverloadedException or StorageUnavailableException or StorageOutcomeUnknownException:
                return ApiError.Unavailable("storage_unavailable", "The database can't be used now.");
            default:
                LogFailed(failure);
                return new ApiError(StatusCodes.Status500InternalServerError, "internal_error", "An error that should not be; the log has it.");
        }
    }
}
