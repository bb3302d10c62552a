using System.Net.WebSockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace OrleansInstances.Cli.Exec;

/// <summary>A command beside an instance's program, connected to this program's own input and output.</summary>
/// <param name="terminal">Null for three pipes.</param>
internal sealed class RemoteExec(Uri url, string? key, Terminal? terminal) : IDisposable
{
    private const int Failed = 255;
    private const int PieceBytes = 32 * 1024;
    private const int LongestFrame = 64 * 1024;

    private readonly ClientWebSocket _socket = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly byte[] _received = new byte[LongestFrame];

    /// <returns>The command's exit code; 255 when it could not be run, or what became of it isn't known.</returns>
    public async Task<int> RunAsync(string instance, string[] command, CancellationToken cancellationToken)
    {
        try
        {
            await ConnectAsync(cancellationToken);
            await SayAsync(instance, new SaidBody(command, SizeNow(), DisableTty: terminal is null), cancellationToken);
            using var raw = terminal?.MakeRaw();
            using var resized = OperatingSystem.IsLinux() && terminal is not null ? PosixSignalRegistration.Create(PosixSignal.SIGWINCH, signal => _ = ResizeAsync()) : null;
            _ = SendInputAsync(cancellationToken);
            return await ReceiveAsync(cancellationToken);
        }
        catch (Exception failure) when (failure is WebSocketException or IOException or OperationCanceledException or JsonException)
        {
            await Console.Error.WriteLineAsync($"oi: {Explain(failure)}");
            return Failed;
        }
        finally
        {
            Dispose();
        }
    }

    public void Dispose() => _socket.Dispose();

    private async Task ConnectAsync(CancellationToken cancellationToken)
    {
        if (key is not null)
        {
            _socket.Options.SetRequestHeader("Authorization", $"Bearer {key}");
        }

        _socket.Options.CollectHttpResponseDetails = true;
        var address = new UriBuilder(url) { Scheme = url.Scheme == Uri.UriSchemeHttps ? "wss" : "ws", Path = "/v1/streams/instances/exec" };
        await _socket.ConnectAsync(address.Uri, cancellationToken);
    }

    private string Explain(Exception failure) => (int)_socket.HttpStatusCode switch
    {
        401 => $"{url} does not know the key: set OI_API_KEY, or give --key.",
        403 => $"{url}: the key lacks the scope exec.",
        _ => $"{url}: {failure.Message}",
    };

    private async Task<int> ReceiveAsync(CancellationToken cancellationToken)
    {
        await using var stdout = Console.OpenStandardOutput();
        await using var stderr = Console.OpenStandardError();
        while (true)
        {
            var heard = await HearAsync(cancellationToken);
            if (heard.Error is { } error)
            {
                throw new IOException(error.Text);
            }

            await stdout.WriteAsync(heard.Result?.Stdout?.Data ?? [], cancellationToken);
            await stderr.WriteAsync(heard.Result?.Stderr?.Data ?? [], cancellationToken);
            if (heard.Result is { Exited: true } end)
            {
                await stdout.FlushAsync(cancellationToken);
                return end.ExitCode;
            }
        }
    }

    private async Task<Heard> HearAsync(CancellationToken cancellationToken)
    {
        var length = 0;
        while (true)
        {
            var part = await _socket.ReceiveAsync(_received.AsMemory(length), cancellationToken);
            length += part.Count;
            if (part.MessageType == WebSocketMessageType.Close || (length == _received.Length && !part.EndOfMessage))
            {
                throw new IOException("the connection ended before the command did");
            }

            if (part.EndOfMessage)
            {
                return JsonSerializer.Deserialize(_received.AsSpan(0, length), FrameJson.Default.Heard) ?? throw new IOException("an empty answer");
            }
        }
    }

    private async Task SendInputAsync(CancellationToken cancellationToken)
    {
        // The console's own stream would edit lines, and see to Ctrl-C itself.
        await using var stdin = new FileStream(new SafeFileHandle(Terminal.StandardInput, ownsHandle: false), FileAccess.Read, bufferSize: 0);
        var piece = new byte[PieceBytes];
        try
        {
            int count;
            while ((count = await stdin.ReadAsync(piece, cancellationToken)) > 0)
            {
                await SayAsync(null, new SaidBody(Input: new SaidInput(piece[..count])), cancellationToken);
            }

            await SayAsync(null, new SaidBody(Input: new SaidInput(Close: true)), cancellationToken);
        }
        catch (Exception over) when (over is WebSocketException or ObjectDisposedException or OperationCanceledException or IOException)
        {
            // Whoever receives tells why.
        }
    }

    private async Task ResizeAsync()
    {
        try
        {
            await SayAsync(null, new SaidBody(Size: SizeNow()), CancellationToken.None);
        }
        catch (Exception over) when (over is WebSocketException or ObjectDisposedException)
        {
            // It has ended.
        }
    }

    private SaidSize? SizeNow() => terminal?.Size is ( > 0, > 0) and var (width, height) ? new SaidSize(width, height) : null;

    private async Task SayAsync(string? id, SaidBody body, CancellationToken cancellationToken)
    {
        var message = JsonSerializer.SerializeToUtf8Bytes(new Said(id, body), FrameJson.Default.Said);
        await _sending.WaitAsync(cancellationToken);
        try
        {
            await _socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
        }
        finally
        {
            _sending.Release();
        }
    }
}
