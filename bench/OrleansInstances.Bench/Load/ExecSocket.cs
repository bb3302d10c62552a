using System.Buffers.Text;
using System.Net.WebSockets;
using System.Text.Json;
using OrleansInstances.Bench.Processes;

namespace OrleansInstances.Bench.Load;

/// <summary>A websocket that speaks koyeb's exec frames, or one that merely carries them.</summary>
internal sealed class ExecSocket : IDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly byte[] _received = new byte[64 * 1024];

    /// <summary>A command beside an instance's program.</summary>
    public static async Task<ExecSocket> OpenAsync(Uri gateway, string instance, bool disableTty, string[] command, CancellationToken cancel)
    {
        var socket = new ExecSocket();
        socket._socket.Options.SetRequestHeader("Authorization", $"Bearer {GatewayProcess.Key}");
        await socket.ConnectAsync(gateway, "/v1/streams/instances/exec", cancel);
        await socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(new { id = instance, body = new { command, disableTty } }), cancel);
        return socket;
    }

    /// <summary>A server that echoes every message.</summary>
    public static async Task<ExecSocket> ConnectAsync(Uri server, CancellationToken cancel)
    {
        var socket = new ExecSocket();
        await socket.ConnectAsync(server, "/", cancel);
        return socket;
    }

    /// <summary>The message that carries data to a command.</summary>
    public static byte[] Input(byte[] data) => JsonSerializer.SerializeToUtf8Bytes(new { body = new { stdin = new { data } } });

    public Task SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancel) =>
        _socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, cancel).AsTask();

    /// <summary>Bytes of data in the next message; 0 when it has none.</summary>
    public async Task<int> ReceiveAsync(CancellationToken cancel)
    {
        var length = 0;
        ValueWebSocketReceiveResult part;
        do
        {
            part = await _socket.ReceiveAsync(_received.AsMemory(length), cancel);
            length += part.Count;
        }
        while (!part.EndOfMessage);

        return DataIn(_received.AsSpan(0, length));
    }

    public void Dispose() => _socket.Dispose();

    private async Task ConnectAsync(Uri server, string path, CancellationToken cancel) =>
        await _socket.ConnectAsync(new UriBuilder(server) { Scheme = "ws", Path = path }.Uri, cancel);

    private static int DataIn(ReadOnlySpan<byte> message)
    {
        var begin = message.IndexOf("\"data\":\""u8);
        if (begin < 0)
        {
            return 0;
        }

        var data = message[(begin + "\"data\":\""u8.Length)..];
        data = data[..data.IndexOf((byte)'"')];
        return Base64.GetMaxDecodedFromUtf8Length(data.Length) - (data.EndsWith("=="u8) ? 2 : data.EndsWith("="u8) ? 1 : 0);
    }
}
